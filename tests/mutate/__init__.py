"""Do the tests notice? Small changes of queries/model and analytics, one at a time, each held against its tests."""
