-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('giosg_enabled', true)) }}

{{ frontline_taps.stage(
    source('giosg', 'source_data'),
    keys=['row_id'],
    columns={
        'organization_id': 'text',
        'workflow_id': 'text',
        'target': 'text',
        'interval_start': 'timestamp',
        'interval_end': 'timestamp',
        'row_id': 'text',
        'extra_columns': 'json'
    },
    named={
        'event_at': [var('giosg_time_column'), 'timestamp'],
        'event_action': [var('giosg_action_column'), 'text'],
        'event_visitor': [var('giosg_visitor_column'), 'text']
    }
) }}
