"""The result, signed by a key that the account made for it, so that nobody can have typed it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.cloud import Cloud
from deploy.verify.ground import TAG

_DAYS = 7  # the fewest after which KMS deletes a key
_HOW = "ECDSA_SHA_256"


def write_proof(seen: Mapping[str, Any], run: str, cloud: Cloud, folder: Path) -> Path:
    """Write `seen`, its signature and the public key; the key itself is deleted after a week.

    What is signed is the text of `seen` in the file, as JSON without spaces and in order of names.
    """
    kms = cloud.client("kms")
    key = kms.create_key(
        KeyUsage="SIGN_VERIFY",
        KeySpec="ECC_NIST_P256",
        Description="Signs the result of one make verify-aws",
        Tags=[{"TagKey": TAG, "TagValue": run}],
    )["KeyMetadata"]
    try:
        signed = kms.sign(KeyId=key["KeyId"], Message=text_of(seen), SigningAlgorithm=_HOW)
        public = kms.get_public_key(KeyId=key["KeyId"])["PublicKey"]
    finally:
        kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=_DAYS)
    said = {
        "seen": seen,
        "key": key["Arn"],
        "algorithm": _HOW,
        "signature": base64.b64encode(signed["Signature"]).decode(),
        "public_key": base64.b64encode(public).decode(),  # DER
    }
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{run}.json"
    file.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    return file


def text_of(seen: Mapping[str, Any]) -> bytes:
    """Return what is signed."""
    return json.dumps(seen, sort_keys=True, separators=(",", ":")).encode()
