-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'files'),
    keys=['file_id'],
    columns={
        'file_id': 'text',
        'stream': 'text',
        'record_key': 'json',
        'field': 'text',
        'name': 'text',
        'uri': 'text',
        'content_type': 'text',
        'size': 'integer',
        'sha256': 'text',
        'fetched_at': 'timestamp'
    }
) }}
