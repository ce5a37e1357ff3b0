-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_attachments'),
    keys=['jobId', 'attachmentId'],
    columns={
        'jobId': 'text',
        'attachmentId': 'text',
        'stepId': 'text',
        'uniqueStepId': 'text',
        'stepTitle': 'text',
        'mimeType': 'text',
        'fileSize': 'integer',
        'downloadUrl': 'text'
    }
) }}
