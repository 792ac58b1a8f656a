"""Error texts as DPM's console shows them, English and Japanese (samples 09 and 17 of dpm-formats.md)."""

from __future__ import annotations

ENGLISH = {
    "claim": (
        "Failed to prepare a Cluster Shared Volume (CSV) for backup as another backup using the "
        "same CSV is in "
        "progress. (ID 32612 Details: Backup is in progress. Please wait for backup completion "
        "before trying this "
        "operation again (0x8007173D))"
    ),
    "snapshot": (
        "DPM encountered a retryable VSS error. (ID 30112 Details: VssError:The writer experienced "
        "a transient "
        "error. If the backup process is retried, the error may not reoccur.  (0x800423F3))"
    ),
    "transfer": (
        "An unexpected error occurred while the job was running. (ID 104 Details: The cluster "
        "resource could not "
        "be found (0x8007138F))"
    ),
    "cancelled": (
        "An unexpected error occurred while the job was running. (ID 104 Details: The operation "
        "was canceled by "
        "the user (0x800704C7))"
    ),
    "warning": (
        "The parent locators of the virtual hard disks could not be fixed up. (ID 3130 Details: "
        "The system cannot "
        "find the file specified (0x80070002))"
    ),
    "online": "The online backup failed. (ID 100034 Details: Internal error code: 0x80780054)",
}

JAPANESE = {
    "claim": (
        "同じ CSV を使用する別のバックアップが進行中であるため、"
        "クラスターの共有ボリューム (CSV) の準備に失敗しました。"
        " (ID 32612 詳細: バックアップが進行中です。 (0x8007173D))"
    ),
    "snapshot": (
        "再試行可能な VSS エラーが発生しました。"
        " (ID 30112 詳細: VssError:ライターで一時的なエラーが発生しました。 (0x800423F3))"
    ),
    "transfer": (
        "ジョブの実行中に予期しないエラーが発生しました。"
        " (ID 104 詳細: クラスター リソースが見つかりませんでした。 (0x8007138F))"
    ),
    "cancelled": (
        "ジョブの実行中に予期しないエラーが発生しました。"
        " (ID 104 詳細: この操作はユーザーによって取り消されました。 (0x800704C7))"
    ),
    "warning": (
        "仮想ハード ディスクの親ロケーターを修正できませんでした。"
        " (ID 3130 詳細: 指定されたファイルが見つかりません。 (0x80070002))"
    ),
    "online": "オンライン バックアップに失敗しました。 (ID 100034 詳細: 内部エラー コード: 0x80780054)",
}
