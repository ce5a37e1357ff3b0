-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_steps'),
    keys=['jobId', 'uniqueStepId'],
    columns={
        'jobId': 'text',
        'uniqueStepId': 'text',
        'stepId': 'text',
        'stepTitle': 'text',
        'stepDescription': 'text',
        'stepType': 'text',
        'started': 'timestamp',
        'completed': 'timestamp',
        'cancelled': 'timestamp',
        'isCancelled': 'boolean',
        'isFormStep': 'boolean',
        'totalDuration': 'integer',
        'activeDuration': 'integer',
        'userId': 'text',
        'userName': 'text',
        'geoLat': 'number',
        'geoLong': 'number',
        'formLoopIteration': 'integer',
        'note': 'text',
        'values': 'json',
        'value': 'text'
    }
) }}
