-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

{{ frontline_taps.stage(
    source('xoi', 'workflow_job_reports'),
    keys=['jobId', 'workflowJobId'],
    columns={
        'jobId': 'text',
        'workflowJobId': 'text',
        'orgId': 'text',
        'workflowName': 'text',
        'reportingCategory': 'text',
        'jobLocation': 'text',
        'createdAt': 'timestamp',
        'completedAt': 'timestamp',
        'stepData': 'json',
        'changedAt': 'timestamp',
        'extra_columns': 'json'
    }
) }}
