-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_attachment_thumbnails'),
    keys=['jobId', 'attachmentId', 'name'],
    columns={
        'jobId': 'text',
        'attachmentId': 'text',
        'name': 'text',
        'created': 'timestamp',
        'mimeType': 'text',
        'fileSize': 'integer',
        'width': 'integer',
        'height': 'integer',
        'downloadUrl': 'text'
    }
) }}
