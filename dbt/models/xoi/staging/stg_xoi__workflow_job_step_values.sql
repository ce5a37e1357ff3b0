-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

{{ frontline_taps.stage(
    source('xoi', 'workflow_job_step_values'),
    keys=['jobId', 'workflowJobId', 'value_id'],
    columns={
        'jobId': 'text',
        'workflowJobId': 'text',
        'value_id': 'text',
        'orgId': 'text',
        'changedAt': 'timestamp',
        'reference_key': 'text',
        'value_type': 'text',
        'value_number': 'number',
        'value_string': 'text',
        'value_boolean': 'boolean',
        'value_datetime': 'timestamp',
        'value_json': 'text',
        'unit': 'text',
        'unit_type': 'text',
        'make': 'text',
        'model': 'text',
        'serial': 'text'
    }
) }}
