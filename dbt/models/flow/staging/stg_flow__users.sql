-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'users'),
    keys=['userId'],
    columns={
        'userId': 'text',
        'username': 'text',
        'emailAddress': 'text',
        'name': 'text',
        'created': 'timestamp',
        'locked': 'boolean',
        'extra_columns': 'json'
    }
) }}
