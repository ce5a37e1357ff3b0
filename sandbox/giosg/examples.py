"""Example payloads after giosg's documents, served as one workflow and its token's owner."""

from __future__ import annotations

from decimal import Decimal

ORGANIZATION_ID = "22222222-2222-4222-8222-222222222222"
WORKFLOW_ID = "11111111-1111-4111-8111-111111111111"
GOAL_ID = "4d0648b8-0000-4000-8000-000000000001"
USER_ID = "33333333-3333-4333-8333-333333333333"

OWNER = {
    "id": USER_ID,
    "email": "bi-bot@example.com",
    "organization_id": ORGANIZATION_ID,
    "organization": f"/api/v5/orgs/{ORGANIZATION_ID}",
    "first_name": "BI",
    "last_name": "Reader",
    "full_name": "BI Reader",
    "alias": None,
    "created_at": "2022-01-02T03:04:05.678Z",
    "updated_at": "2023-01-02T03:04:05.678Z",
    "deleted_at": None,
}

WORKFLOW = {
    "id": WORKFLOW_ID,
    "organization_id": ORGANIZATION_ID,
    "created_by_user": USER_ID,
    "updated_by_user": USER_ID,
    "name": "Lead widget",
    "description": "Spring campaign",
    "created_at": "2022-05-20T08:00:00.000Z",
    "modified_at": "2023-01-01T12:00:00.000Z",
}

INFO = {
    "id": WORKFLOW_ID,
    "org_id": ORGANIZATION_ID,
    "type": "interaction",
    "name": "Lead widget",
    "description": "Spring campaign",
    "modified_at": "2023-01-01T12:00:00.000Z",
    "is_published": True,
    "start_date": "2022-06-01T00:00:00Z",
    "end_date": "2023-02-14T00:00:00Z",
}

SIDEDATA = {
    "timeframe_stat": {"day_in_week": [[6074, 1], [7115, 2]], "hour_in_day": [[120, 0], [95, 1]]},
    "unique_visitors_count": 9120,
    "unique_sessions_count": 11034,
}

# time, event_id, label, action, visitor_id, session_id, value
GOAL_EVENTS = (
    (
        "2023-02-01T09:15:27.120Z",
        "7b1f0000-0000-4000-8000-0000000000aa",
        GOAL_ID,
        "trigger",
        "8a60b202474547dbb8ce19737e4c166f",
        "s-001",
        Decimal("14.15"),
    ),
)
STEP_EVENTS = (
    (
        "2022-11-03T08:00:01.000Z",
        "",
        "",
        "User dialed",
        "8a60b202474547dbb8ce19737e4c166f",
        None,
        None,
    ),
    (
        "2022-11-03T08:05:44.000Z",
        "",
        "",
        "Visitor dialed",
        "3b90ef7c93484af4965a79ace7bc9a62",
        None,
        None,
    ),
)
