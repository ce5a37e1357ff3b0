-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'query_users'),
    keys=['emailAddress'],
    columns={
        'emailAddress': 'text',
        'name': 'text',
        'userGroups': 'json'
    }
) }}
