-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

{{ frontline_taps.stage(
    source('xoi', 'content'),
    keys=['id'],
    columns={
        'id': 'text',
        'mediaType': 'text',
        'createdAt': 'timestamp',
        'updatedAt': 'timestamp',
        'uploadedAt': 'timestamp',
        'uploader': 'text',
        'lengthBytes': 'integer',
        'sha256hex': 'text',
        'orgID': 'text',
        'jobIds': 'json'
    }
) }}
