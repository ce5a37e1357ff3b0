-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('giosg_enabled', true)) }}

{{ frontline_taps.stage(
    source('giosg', 'workflow_info'),
    keys=['id'],
    columns={
        'id': 'text',
        'org_id': 'text',
        'type': 'text',
        'name': 'text',
        'description': 'text',
        'modified_at': 'timestamp',
        'is_published': 'boolean',
        'start_date': 'text',
        'end_date': 'text',
        'extra_columns': 'json'
    }
) }}
