"""What a site knows and its logs do not say: window, zone, schedules, rules, names."""

from __future__ import annotations

from analytics.site.key import SiteKey
from analytics.site.keys import SITE_KEYS
from analytics.site.morning import MailSettings, RunSettings
from analytics.site.site import Site, load_site
from analytics.site.sla import SLA_KEYS, SlaRule
from analytics.site.values import check_address, check_date_format, check_zone
from analytics.site.zones import iana_zone, near_zone

__all__ = [
    "SITE_KEYS",
    "SLA_KEYS",
    "MailSettings",
    "RunSettings",
    "Site",
    "SiteKey",
    "SlaRule",
    "check_address",
    "check_date_format",
    "check_zone",
    "iana_zone",
    "load_site",
    "near_zone",
]
