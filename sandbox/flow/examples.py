"""The guide's own sample payloads, each an entity of the sandbox.

Developer guide 400382-01 Rev A; what its transcription has invented (docs: taps/flow/facts) is
left out. Times of the files' links are ours: they are signed at every read.
"""

from __future__ import annotations

from typing import Any

from sandbox.flow.formats import UNSET, BlobPath

Body = dict[str, Any]

# 3.1.2.1, figure 3-1: three completed jobs, the last one cut off after its title.
_SANDWICH_JOB: Body = {
    "jobTitle": "Five Photo Sandwich",
    "workflowTitle": None,
    "userName": "james@intoware.com",
    "geoLongAverage": None,
    "geoLatAverage": None,
}
QUERY_JOBS: list[Body] = [
    {
        "jobId": "5edela0dba5ded0001653175",
        "jobTitle": "(Draft) - Quick n Easy Numeric",
        "created": "2020-06-08T10:12:13Z",
        "updated": "2020-06-08T10:13:21Z",
        "totalDuration": 68,
        "steps": None,
        "attachments": None,
        "reports": None,
    },
    _SANDWICH_JOB
    | {
        "jobId": "5ee0ae220282c8000143862b",
        "created": "2020-06-10T09:55:44.735Z",
        "updated": "2020-06-10T09:56:16.212Z",
        "totalDuration": 31,
    },
    _SANDWICH_JOB
    | {
        "jobId": "5ee0aedb0282c80001438644",
        "created": "2020-06-10T09:58:51.442Z",
        "updated": "2020-06-10T10:02:07.283Z",
        "totalDuration": 195,
        # 3.5.4.3 shows the size and the link of one attachment.
        "attachments": [
            {
                "attachmentId": "63e39d97-d6cb-433b-b69c-2e2ed6c76f37",
                "fileSize": 14204,
                "downloadUrl": BlobPath(
                    "stepresources/myteam/63e39d97-d6cb-433b-b69c-2e2ed6c76f37"
                ),
            }
        ],
    },
]

# 6.1: a step that has been begun.
_CURRENT_STEP: Body = {
    "values": [],
    "valueResourceIds": [],
    "uniqueStepId": "0ffad266-89e0-4659-936b-c0f92d043c81",
    "previousUniqueStepId": "",
    "userId": "5d8cac54860b8103316b1987",
    "userName": "api.user1@example.com",
    "deviceId": None,
    "stepId": "41443154-f511-478b-bcca-849440421061",
    "stepNumber": 1,
    "stepTitle": "Enter Text",
    "stepDescription": "",
    "stepType": "Text",
    "connectionType": None,
    "started": "2020-11-04T12:53:42.687Z",
    "completed": None,
    "updated": "2020-11-04T12:53:46.664Z",
    "cancelled": None,
    "timeEvents": {"2020-11-04T12:53:46.664Z": 0},
    "note": None,
    "noteResourceFilenames": None,
    "coordinates": None,
    "parentStepId": None,
    "parentUniqueStepId": None,
    "parentStepTitle": None,
    "parentStepDescription": None,
    "metadata": {"tags": ""},
}
_EXCLUSION: Body = {
    "hierarchyStack": None,
    "packetIds": None,
    "jobExclusion": [],
    "excluded": False,
}
# 6.1, 6.2 and 6.12, in full as a read by id gives them.
REST_JOBS: list[Body] = [
    {
        "jobId": "5f046ecf7df8a5000110cc54",
        "metadata": {
            "clientJobId": "f6ec68ae-a0b9-4725-aef4-9fb224be8e9d",
            "workflowId": "a454a699-173f-429e-b6cd-fefd92d0a1er",
            "workflowVersionId": "c683d13a-4cda-4683-1276-e7fcfb9c1c52",
            "jobTitle": "Example Workflow Job 2",
            "metadata": {},
            "created": "2020-07-07T12:47:09.281Z",
            "updated": "2020-07-07T12:47:17.619Z",
            "modified": "2020-07-07T12:47:17Z",
            "status": "Completed",
            "userId": "5d8cac54860b8103416b1987",
            "currentStep": None,
            "abandonReason": None,
            "username": "api.user2@example.com",
            "workflowName": "Example Workflow",
        },
        "completedSteps": None,
        "cancelledSteps": None,
        "team": "testteam",
        **_EXCLUSION,
    },
    {
        "jobId": "615704cbb249fb12315fcfbc",
        "metadata": {
            "clientJobId": "cb3dc8dc-4162-47c4-af05-3575034f99e5",
            "workflowId": "b62f2507-b4e7-4248-83d3-29c03a158fbe",
            "workflowVersionId": "2831f333-af02-4d89-875d-0bceadeb16ed",
            "jobTitle": "Api Test 2",
            "metadata": {"Key1": "V1"},
            "created": "2021-10-01T12:48:12.215Z",
            "updated": "2021-10-01T12:48:13.824Z",
            "modified": "2021-10-01T12:48:14Z",
            "status": "Completed",
            "userId": "5d8cac54860b8103316b1987",
            "currentStep": None,
            "abandonReason": None,
            "username": "api.user1@example.com",
            "workflowName": "Example Workflow",
        },
        "completedSteps": [
            {
                "singleStep": _CURRENT_STEP
                | {
                    "uniqueStepId": "c025f569-8148-4a75-a2e8-a9bc19da911d",
                    "stepId": "ec7eee0d-5115-4141-847a-64c28694dde2",
                    "stepTitle": "Instruction",
                    "stepType": "ConfirmStep",
                    "started": "2021-10-01T12:48:12.265Z",
                    "completed": "2021-10-01T12:48:13.8Z",
                    "updated": "2021-10-01T12:48:13.8Z",
                    "timeEvents": None,
                },
                "reportStep": None,
            }
        ],
        "cancelledSteps": None,
        "team": "apiteam",
        **_EXCLUSION,
    },
    {
        "jobId": "5fa2a458980724000149rq40",
        "metadata": {
            "clientJobId": "8a07b1c0-56ba-433d-8a24-adddgb3e150c",
            "workflowId": "a454a699-173f-429e-b6cd-fefd92d0a1er",
            "workflowVersionId": "c683d13a-4cda-4683-1276-e7fcfb9c1c52",
            "jobTitle": "Example Workflow Job 1",
            "metadata": {
                "ScheduledJobId": "5fa2a3d17afcb9000179ad01",
                "ScheduledTaskId": "c95a93e0-b24f-44c3-a62f-7304c7ea7f2a",
            },
            "created": "2020-11-04T12:53:42.266Z",
            "updated": "2020-11-04T12:53:46.676Z",
            "modified": "2020-11-04T12:53:47Z",
            "status": "Paused",
            "userId": "5d8cac54860b8100016b1987",
            "currentStep": {"singleStep": _CURRENT_STEP, "reportStep": None},
            "abandonReason": None,
            "username": "api.user1@example.com",
            "workflowName": "Example Workflow",
        },
        "completedSteps": None,
        "cancelledSteps": None,
        "team": "apiteam",
        **_EXCLUSION,
    },
]

# 4.2
COLLECTION: Body = {
    "collectionId": "5e8c434572v84700018ffb2c",
    "userId": "5d8cacd37811130001e71db0",
    "userName": "colin.pope@solarenergy.com",
    "created": "2020-04-07T09:09:25.082Z",
    "lastUpdated": "2020-04-07T09:09:25.082Z",
    "teamName": "collectionteam",
    "name": "Collection 1",
    "dataLastChanged": "2020-04-07T14:08:21.727Z",
    "headerNames": ["PenID", "AnimalID", "AnimalName", "InspectionTime"],
    "recordCount": 0,
    "csvFileName": "5e8c895578c444000190048e",
    "csvFileNameHistory": {
        "5e8c434f78c84700018ffb30": "2020-04-07T09:09:35.563Z",
        "5e8c895578c847000190048e": "2020-04-07T14:08:21.727Z",
    },
}
COLLECTION_ROWS = [
    ("P-01", "A-1001", "Daisy", "06:30"),
    ("P-01", "A-1002", 'Bella "the boss"', "06:35"),
    ("P-02", "A-1003", "", "06:40"),
]
"""The guide has no rows; these are ours."""

# 5.1 and 5.3
GROUPS: list[Body] = [
    {
        "groupId": "5e4a95c36abe6e0001f80592",
        "teamName": "Example Team",
        "name": "Example Group 1",
        "lowercaseName": "example group 1",
        "created": "2020-03-02T11:08:30Z",
        "users": ["5d8cab89860b81efr16b196a", "5d91f997ccfe6acf01dc9dc1"],
        "permissions": {"dataViewer": True, "editor": True, "modifier": True},
    },
    {
        "groupId": "5f367fe76147f40001def972",
        "teamName": "Example Team",
        "name": "Example Group 2",
        "lowercaseName": "example group 2",
        "created": "2020-08-14T12:13:27Z",
        "users": [],
        "permissions": {},
    },
]

# 13.1 and 13.3
USERS: list[Body] = [
    {
        "userId": "60df2148ad6cbd0001d86a1d",
        "username": "colin.pope@solarenergy.com",
        "emailAddress": "colin.pope@solarenergy.com",
        "name": "Colin Pope",
        "created": "2021-07-02T14:23:04.352Z",
        "locked": False,
    },
    {
        "userId": "60df09e19108b2e627754f54",
        "username": "tegla.loroupe@solarenergy.com",
        "emailAddress": "tegla.loroupe@solarenergy.com",
        "name": "Tegla Loroupe",
        "created": "2021-06-01T15:14:52.000Z",
        "locked": False,
    },
    {
        "userId": "60e3054c04cb64000128d658",
        "username": "chege.naengop@solarenergy.com",
        "emailAddress": "chege.naengop@solarenergy.com",
        "name": "Chege Naengop",
        "created": "2021-07-05T13:12:44.744Z",
        "locked": False,
    },
]
# 13.4
USER_PERMISSIONS: Body = {"dataViewer": True, "executor": True}

# 14.1
_PANEL_VERSION: Body = {
    "fileSize": 159483693,
    "authorId": "5da480b75ed0570001d197e2",
    "authorName": "shankar.lakshman@solarenergy.com",
    "isArchived": False,
}
WORKFLOW: Body = {
    "workflowId": "75b81832-257b-4a7a-9e05-g121acc11a67",
    "created": "2020-01-14T11:53:47Z",
    "lastUpdated": "2020-02-04T08:18:49Z",
    "teamName": "solarenergy",
    "activeVersionId": "873b6fc9-6e62-4d8f-aac5-42c3aa8235a8",
    "name": "Panel Repair Workflow",
    "description": "",
    "isArchived": False,
    "liveObjectIds": [],
    "versions": [
        {
            "versionId": "48254f9a-80ab-4b09-b041-0671716d73d3",
            "fileReference": "5e1da94f1ab7e300017ab586",
            "uploaded": "2020-01-14T11:53:47Z",
            "version": 1,
            **_PANEL_VERSION,
        },
        {
            "versionId": "873b6fc9-6e62-4d8f-aac5-42c3aa8235a8",
            "fileReference": "5e1dad09b4cccd1000102e8cf",
            "uploaded": "2020-01-14T12:04:22Z",
            "version": 2,
            **_PANEL_VERSION,
        },
    ],
}

# 10.1, 10.2 and 10.8
_OPEN_TASK: Body = {
    "taskType": "Workflow",
    "artifactId": None,
    "jobId": None,
    "clientJobId": None,
    "updated": None,
    "modified": None,
    "state": 0,
}
SCHEDULED_JOBS: list[Body] = [
    {
        "jobId": "5f365519a2ed5a2301f2d303",
        "created": "2021-08-14T09:10:49.636Z",
        "updated": "2021-08-14T09:10:49.636Z",
        "state": "Scheduled",
        "name": "Scheduled Job1",
        "description": "Scheduled Job1 - WF1",
        "priority": False,
        "dueByDate": None,
        "assignedUserIds": [],
        "tasks": [_OPEN_TASK | {"taskId": "707c5cb6-8171-4232-baca-f7c94dc42ea9"}],
    },
    {
        "jobId": "601170d37e97f340011cale3",
        "created": "2021-01-27T13:55:31.045Z",
        "updated": "2021-01-27T13:58:13.452Z",
        "state": "Completed",
        "name": "Scheduled Job2",
        "description": "Scheduled Job1 - WF2",
        "priority": True,
        "dueByDate": "2021-01-27T15:30:00Z",
        "assignedUserIds": ["5d8cacd378111f0001e71db0"],
        "tasks": [
            {
                "taskType": "Workflow",
                "taskId": "610d8443-fdac-443c-bca5-52c761a56561",
                "artifactId": "012ee471-9954-4b53-93ac-1062e43bffa3",
                "jobId": "6011713d19863200010ed4b5",
                "clientJobId": "7aa2546f-be00-45fd-94fa-d3ccfbe22fdb",
                "updated": "2021-01-27T13:58:13.363Z",
                "modified": "2021-01-27T13:58:13.366Z",
                "state": 3,
            }
        ],
    },
    {
        "jobId": "615c2057c5722f000168e37f",
        "created": "2021-10-05T09:52:23.341Z",
        "updated": "2021-10-05T09:52:23.341Z",
        "state": "Scheduled",
        "name": "API Scheduler Example Job 1",
        "description": "To Demo Scheduler Apis",
        "priority": True,
        "dueByDate": "2021-10-05T22:59:00Z",
        "assignedUserIds": ["5d8cac54860b81ee016b1987"],
        "tasks": [
            _OPEN_TASK
            | {
                "taskId": "d7020dd1-8ce9-42ce-90f2-8d2f7f734c20",
                "artifactId": "b62f2507-b4e7-4248-83d3-29c03b158fbe",
            }
        ],
    },
    {
        "jobId": "615da9233ed8fe0021364451",
        "created": "2021-10-06T13:48:19.342407Z",
        "updated": "2021-10-06T13:48:19.342407Z",
        "state": "Scheduled",
        "name": "API Scheduler Example Job 1",
        "description": "To Demo Scheduler Apis",
        "priority": False,
        "dueByDate": None,
        "assignedUserIds": ["5d8cac54860b8100016b1987"],
        "tasks": [
            _OPEN_TASK
            | {
                "taskId": "dbd38dd1-fc76-4a3a-8e4c-27a1e9a4148c",
                "artifactId": "b62f2507-b4e7-4218-83d3-29c03a158fae",
            }
        ],
    },
]

# 11.4
TEAM_SETTINGS: Body = {
    "AutoDeviceSignOut": None,
    "AutoDownload": {"WorkflowUpdateMode": "Optional", "WorkflowUpdateLapsedTime": 0},
    "CheckDeviceTime": False,
    "DefaultTimezone": "Etc/UTC",
    "DisableJobRestart": True,
    "DisableOldTemplates": False,
    "EnableJobNaming": False,
    "GoBackReason": "Optional",
    "PermanentDataEdit": False,
    "RemoteExpertSolution": None,
    "Reports": {"DefaultReport": None},
    "RequiresAbandonReason": False,
    "StoreDBOnExternalStorage": False,
    "SupportsOnsight": False,
    "WorkflowApproverMode": 0,
}

# 12.1
_TRIGGER: Body = {
    "description": None,
    "templateTags": [],
    "objectIds": [],
    "triggerType": "Email",
    "archived": False,
}
TRIGGERS: list[Body] = [
    {
        "triggerId": "61644119f2efe60001085778",
        "created": "2021-10-11T13:50:17Z",
        "updated": "2021-12-10T14:02:26Z",
        "name": "Trigger Api Ex 1",
        "templateIds": ["a454a699-173f-429e-b3cd-fefd82d0a1e4"],
        "triggerOptions": {"recipients": "", "sendCopyToUser": "true"},
        "reportTemplateId": "6163da95736e3c00014f9bee",
        "pdfRequirement": "FullImages",
        "disabled": False,
        **_TRIGGER,
    },
    {
        "triggerId": "5f02e48325b6dc00018b81e8",
        "created": "2020-07-06T08:44:51Z",
        "updated": "2020-07-06T08:44:51Z",
        "name": "Trigger Api Ex 2",
        "templateIds": [],
        "triggerOptions": {},
        "reportTemplateId": None,
        "pdfRequirement": "NotRequired",
        "disabled": True,
        **_TRIGGER,
    },
]


def _template_file(name: str, uri: str) -> Body:
    return {
        "name": name,
        "uri": uri,
        "contentType": "text/html",
        "downloadUrl": BlobPath(f"reporttemplates/testteam/{uri}"),
    }


def _options(title: str) -> Body:
    return {"isLandscape": False, "title": title, "headerHeight": 48, "hideFooter": False}


# 9.1; 9.2 and 9.8 show contents only, of templates that the list of 9.1 doesn't have.
REPORT_TEMPLATES: list[Body] = [
    {
        "reportTemplateId": "5ec4f0fde9efaa03011a07bc",
        "name": "Example Report 1",
        "description": "To demo report templates apis",
        "template": {
            "templateId": "601291dd90a363400112c636",
            "templateBodyFile": _template_file(
                "Body template", "1e74cc05-3304-497b-9690-35481cd61149"
            ),
            "templateHeaderFile": _template_file(
                "Header template", "f42d00af-b807-4d57-8aba-124e2fad80cf"
            ),
            "uploadedDate": "2021-01-28T10:28:45Z",
            "userId": "5d8cacd378411f0321e71db0",
        },
        "lastUpdated": "2021-01-28T10:28:45Z",
        "options": _options("Example Report 1"),
        "isDefault": False,
        "isArchived": False,
        "metadata": {},
    },
    {
        "reportTemplateId": "5f036028e031440091c9a073",
        "name": "Example Report 2",
        "description": None,
        "template": {
            "templateId": "5f0432c4e031440001c9c8e6",
            "templateBodyFile": _template_file(
                "Body template", "1c0d47f0-1e6f-41f4-893d-0233df06a332"
            ),
            "templateHeaderFile": _template_file(
                "Header template", "46e29592-66f1-468b-9cad-cac35be1a0e0"
            ),
            "uploadedDate": "2020-07-07T08:31:00Z",
            "userId": "5e21df72e7fb2433011f12fd",
        },
        "lastUpdated": "2020-07-14T07:27:24Z",
        "options": _options("Example Report 2"),
        "isDefault": False,
        "isArchived": False,
        "metadata": {
            "jobId": "5f0d5ac0bafw9b00013c2495",
            "workflowId": "a1d4234f-f67d-49f6-92e5-2fc0c4d08643",
        },
    },
]
REPORT_TEMPLATE_CONTENTS: list[Body] = [
    {
        "reportTemplateId": "615fff0b1b4ee200018fe357",
        "name": "Report Template Example 1",
        "description": None,
        "headerContent": "<header>\n</header>",
        "bodyContent": (
            '<!doctype html>\n<html lang="en">\n  <head>\n    <meta charset="utf-8">\n'
            '      <style type="text/css"></style>\n    </head>\n    <body>\n'
            "      <h1> Api Testing Report Template </h1></body>\n    </html>"
        ),
        "lastUpdated": "2021-10-08T13:19:14Z",
        "userId": "5d8cac54860b8100016b1987",
        "options": _options("Report Template Example 1"),
        "isDefault": False,
        "isArchived": False,
        "metadata": {},
    },
    {
        "reportTemplateId": "61652831013a4200010e5405",
        "name": "APi Template Example 1",
        "description": None,
        "headerContent": "<header>\n</header>",
        "bodyContent": (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '      <style type="text/css">\n      </style>\n    </head>\n    <body>\n'
            "      </body>\n    </html>"
        ),
        "lastUpdated": UNSET,
        "userId": None,
        "options": _options("APi Template Example 1"),
        "isDefault": False,
        "isArchived": False,
        "metadata": {},
    },
]
