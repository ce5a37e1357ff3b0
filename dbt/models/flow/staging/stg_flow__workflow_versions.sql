-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'workflow_versions'),
    keys=['workflowId', 'versionId'],
    columns={
        'workflowId': 'text',
        'versionId': 'text',
        'version': 'integer',
        'fileReference': 'text',
        'fileSize': 'integer',
        'uploaded': 'timestamp',
        'authorId': 'text',
        'authorName': 'text',
        'isArchived': 'boolean',
        'versionNotes': 'text',
        'mode': 'text',
        'approvals': 'json',
        'downloadSignature': 'text',
        'downloadSignatureExpiry': 'timestamp',
        'extra_columns': 'json'
    }
) }}
