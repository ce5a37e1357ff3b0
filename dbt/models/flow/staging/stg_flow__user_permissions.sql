-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'user_permissions'),
    keys=['userId'],
    columns={
        'userId': 'text',
        'admin': 'boolean',
        'approver': 'boolean',
        'dataViewer': 'boolean',
        'editor': 'boolean',
        'executor': 'boolean',
        'modifier': 'boolean',
        'extra_columns': 'json'
    }
) }}
