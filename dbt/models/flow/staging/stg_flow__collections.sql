-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'collections'),
    keys=['collectionId'],
    columns={
        'collectionId': 'text',
        'userId': 'text',
        'userName': 'text',
        'created': 'timestamp',
        'lastUpdated': 'timestamp',
        'teamName': 'text',
        'name': 'text',
        'dataLastChanged': 'timestamp',
        'headerNames': 'json',
        'recordCount': 'integer',
        'csvFileName': 'text',
        'csvFileSize': 'integer',
        'csvFileNameHistory': 'json',
        'csvDownloadUrl': 'text',
        'extra_columns': 'json'
    }
) }}
