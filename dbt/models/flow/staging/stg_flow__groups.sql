-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'groups'),
    keys=['groupId'],
    columns={
        'groupId': 'text',
        'teamName': 'text',
        'name': 'text',
        'lowercaseName': 'text',
        'created': 'timestamp',
        'users': 'json',
        'permissions': 'json',
        'extra_columns': 'json'
    }
) }}
