-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'completed_jobs'),
    keys=['jobId'],
    columns={
        'jobId': 'text',
        'completedJobCursor': 'text',
        'teamName': 'text',
        'workflowId': 'text',
        'workflowVersionId': 'text',
        'workflowTitle': 'text',
        'workflowTags': 'json',
        'jobTitle': 'text',
        'created': 'timestamp',
        'updated': 'timestamp',
        'totalDuration': 'integer',
        'activeDuration': 'integer',
        'status': 'text',
        'userId': 'text',
        'userName': 'text',
        'geoLongAverage': 'number',
        'geoLatAverage': 'number',
        'metadata': 'json'
    }
) }}
