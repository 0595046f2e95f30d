"""Route tables can be found by the instance that a route points at; moto knows no such filter.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html
"""

from __future__ import annotations

from typing import Any

from moto.ec2.models.route_tables import RouteTable

from sandbox.faithful.mending import mend

_BY_INSTANCE = "route.instance-id"


def install() -> None:
    """Mend moto's route tables, for every account and region of this process."""
    original = RouteTable.get_filter_value

    def get_filter_value(
        table: RouteTable, filter_name: str, method_name: str | None = None
    ) -> Any:
        if filter_name == _BY_INSTANCE:
            return [route.instance.id for route in table.routes if route.instance is not None]
        return original(table, filter_name, method_name)

    mend(RouteTable, "get_filter_value", get_filter_value)
