-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'collection_records'),
    keys=['collectionId', 'recordNumber'],
    columns={
        'collectionId': 'text',
        'recordNumber': 'integer',
        'values': 'json'
    }
) }}
