-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('giosg_enabled', true)) }}

{{ frontline_taps.stage(
    source('giosg', 'workflow_sidedata'),
    keys=['workflow_id', 'interval_start'],
    columns={
        'workflow_id': 'text',
        'interval_start': 'timestamp',
        'interval_end': 'timestamp',
        'timeframe_stat': 'json',
        'unique_visitors_count': 'number',
        'unique_sessions_count': 'number',
        'extra_columns': 'json'
    }
) }}
