-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'job_substeps'),
    keys=['jobId', 'parentUniqueStepId', 'uniqueStepId'],
    columns={
        'jobId': 'text',
        'parentUniqueStepId': 'text',
        'uniqueStepId': 'text',
        'stepId': 'text',
        'stepTitle': 'text',
        'stepDescription': 'text',
        'stepType': 'text',
        'stepTag': 'text',
        'values': 'json',
        'value': 'text'
    }
) }}
