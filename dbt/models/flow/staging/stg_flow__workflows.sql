-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'workflows'),
    keys=['workflowId'],
    columns={
        'workflowId': 'text',
        'created': 'timestamp',
        'lastUpdated': 'timestamp',
        'teamName': 'text',
        'activeVersionId': 'text',
        'name': 'text',
        'description': 'text',
        'isArchived': 'boolean',
        'liveObjectIds': 'json',
        'workflowIdForDraft': 'text',
        'workflowIdForApproval': 'text',
        'approvalsMigrated': 'boolean',
        'extra_columns': 'json'
    }
) }}
