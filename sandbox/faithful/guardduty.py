"""The operations of GuardDuty that moto 5.2.5 lacks: list sets, samples, findings, and scans.

They are added to moto's own table of routes, and their state lives on moto's detectors: accounts,
regions, reset, in process or served, all work as for the rest of moto.
"""

from __future__ import annotations

import json
from typing import Any

from moto.guardduty import urls
from moto.guardduty.responses import GuardDutyResponse

from sandbox.faithful import guardduty_findings as findings
from sandbox.faithful import guardduty_lists as lists
from sandbox.faithful import guardduty_scans as scans
from sandbox.faithful.guardduty_criteria import selected
from sandbox.faithful.guardduty_samples import sample_finding, sample_types

_PAGE = 50  # the most that GetFindings takes, and the default of the lists


def install() -> None:
    """Add the routes; before the first request, because a server builds its table but once."""
    base = "{0}/detector/(?P<detector_id>[^/]+)"
    for kind in ("threatintelset", "threatentityset"):
        urls.url_paths[f"{base}/{kind}$"] = _GuardDuty.dispatch
        urls.url_paths[f"{base}/{kind}/(?P<set_id>[^/]+)$"] = _GuardDuty.dispatch
    for tail in ("", "/create", "/get", "/archive", "/feedback"):
        urls.url_paths[f"{base}/findings{tail}$"] = _GuardDuty.dispatch
    urls.url_paths["{0}/malware-scan/start$"] = _GuardDuty.dispatch
    urls.url_paths[f"{base}/malware-scans$"] = _GuardDuty.dispatch
    lists.register()


class _GuardDuty(GuardDutyResponse):
    """Moto finds the method of an operation by its name."""

    @property
    def _wanted(self) -> dict[str, Any]:
        wanted: dict[str, Any] = json.loads(self.body or "{}")
        return wanted

    @property
    def _detector_id(self) -> str:
        return str(self.path.split("/")[2])

    def _of_detector(self, what: str) -> dict[str, Any]:
        detector = self.guardduty_backend.get_detector(self._detector_id)
        kept: dict[str, Any] = vars(detector).setdefault(what, {})
        return kept

    # Lists

    def _create(self, kind: str) -> str:
        wanted, sets = self._wanted, self._of_detector(f"_{kind}_sets")
        lists.check(wanted, ("name", "format", "location", "activate"))
        id_key = f"threat{kind.capitalize()}SetId"
        for each in sets.values():
            if each.token and each.token == wanted.get("clientToken"):
                return json.dumps({id_key: each.id})
        if len(sets) >= lists.SETS:
            why = "The request is rejected because the account's limit is reached."
            raise lists.BadRequest(why, "LimitExceededException")
        new = lists.ListSet(self.guardduty_backend.account_id, kind, wanted)
        sets[new.id] = new
        return json.dumps({id_key: new.id})

    def _set(self, kind: str) -> lists.ListSet:
        sets, set_id = self._of_detector(f"_{kind}_sets"), self.path.split("/")[4]
        if set_id not in sets:
            raise lists.BadRequest("The request is rejected since no such resource found.")
        found: lists.ListSet = sets[set_id]
        return found

    def _list(self, kind: str) -> str:
        ids = list(self._of_detector(f"_{kind}_sets"))
        return self._page(f"threat{kind.capitalize()}SetIds", ids, self._query("maxResults", _PAGE))

    def _update(self, kind: str) -> str:
        lists.check(self._wanted)
        self._set(kind).change(self._wanted)
        return "{}"

    def _delete(self, kind: str) -> str:
        gone = self._set(kind)
        gone.refuse_if_moving()
        del self._of_detector(f"_{kind}_sets")[gone.id]
        return "{}"

    def create_threat_intel_set(self) -> str:
        return self._create("intel")

    def get_threat_intel_set(self) -> str:
        return json.dumps(self._set("intel").view())

    def list_threat_intel_sets(self) -> str:
        return self._list("intel")

    def update_threat_intel_set(self) -> str:
        return self._update("intel")

    def delete_threat_intel_set(self) -> str:
        return self._delete("intel")

    def create_threat_entity_set(self) -> str:
        return self._create("entity")

    def get_threat_entity_set(self) -> str:
        return json.dumps(self._set("entity").view())

    def list_threat_entity_sets(self) -> str:
        return self._list("entity")

    def update_threat_entity_set(self) -> str:
        return self._update("entity")

    def delete_threat_entity_set(self) -> str:
        return self._delete("entity")

    # Findings

    def _of_request(self) -> list[findings.Finding]:
        """Return the findings that the request names; all, or none is touched."""
        kept, names = self._of_detector("_findings"), self._wanted.get("findingIds") or []
        if len(names) > _PAGE or not set(names) <= set(kept):
            raise lists.invalid("findingIds")
        return [kept[name] for name in names]

    def create_sample_findings(self) -> str:
        where = (self.guardduty_backend.account_id, self.guardduty_backend.region_name)
        self._of_detector("_findings")  # refuses a detector that does not exist
        for type_ in sample_types(self._wanted.get("findingTypes")):
            sample = sample_finding(*where, self._detector_id, type_)
            findings.publish_finding(*where, sample)
        return "{}"

    def list_findings(self) -> str:
        chosen = selected(self._of_detector("_findings").values(), self._wanted)
        ids = [finding["id"] for finding in chosen]
        return self._page("findingIds", ids, int(self._wanted.get("maxResults") or _PAGE))

    def get_findings(self) -> str:
        names = self._wanted.get("findingIds") or []
        if len(names) > _PAGE:
            raise lists.invalid("findingIds")
        kept = self._of_detector("_findings")
        return json.dumps({"findings": [kept[each] for each in names if each in kept]})

    def archive_findings(self) -> str:
        for finding in self._of_request():
            finding["service"]["archived"] = True
        return "{}"

    def update_findings_feedback(self) -> str:
        if self._wanted.get("feedback") not in ("USEFUL", "NOT_USEFUL"):
            raise lists.invalid("feedback")
        for finding in self._of_request():
            finding["service"]["userFeedback"] = self._wanted["feedback"]
        return "{}"

    # Malware scans

    def _scans(self, detector_id: str) -> list[scans.Scan]:
        detector = self.guardduty_backend.get_detector(detector_id)
        kept: list[scans.Scan] = vars(detector).setdefault("_scans", [])
        return kept

    def start_malware_scan(self) -> str:
        detectors = self.guardduty_backend.list_detectors()
        if not detectors:
            raise lists.BadRequest("The request is rejected because GuardDuty is not enabled.")
        where = (self.guardduty_backend.account_id, self.guardduty_backend.region_name)
        known = self._scans(detectors[0])
        return json.dumps({"scanId": scans.start(*where, known, self._wanted["resourceArn"])})

    def describe_malware_scans(self) -> str:
        return json.dumps({"scans": scans.described(self._scans(self._detector_id), self._wanted)})

    def _query(self, name: str, default: int) -> int:
        return int(self.querystring.get(name, [default])[0] or default)

    def _page(self, key: str, ids: list[str], size: int) -> str:
        at = int(self._wanted.get("nextToken") or self._query("nextToken", 0) or 0)
        page: dict[str, Any] = {key: ids[at : at + size]}
        if at + size < len(ids):
            page["nextToken"] = str(at + size)
        return json.dumps(page)
