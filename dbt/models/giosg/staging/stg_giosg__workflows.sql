-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('giosg_enabled', true)) }}

{{ frontline_taps.stage(
    source('giosg', 'workflows'),
    keys=['id'],
    columns={
        'id': 'text',
        'organization_id': 'text',
        'created_by_user': 'text',
        'updated_by_user': 'text',
        'name': 'text',
        'description': 'text',
        'created_at': 'timestamp',
        'modified_at': 'timestamp',
        'extra_columns': 'json'
    }
) }}
