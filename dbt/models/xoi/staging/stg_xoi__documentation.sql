-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

{{ frontline_taps.stage(
    source('xoi', 'documentation'),
    keys=['row_id'],
    columns={
        'row_id': 'text',
        'interval_end': 'timestamp',
        'jobId': 'text',
        'workflowId': 'text',
        'workflowJobId': 'text',
        'workflowName': 'text',
        'workflowLabel': 'text',
        'stepIndex': 'integer',
        'stepName': 'text',
        'stepTraits': 'json',
        'contentId': 'text',
        'sourceId': 'text',
        'tags': 'json',
        'traits': 'json',
        'choice': 'json',
        'date_entry': 'json',
        'number_entry': 'json',
        'text_entry': 'json',
        'note': 'json',
        'workSummary': 'json',
        'derivedData': 'json'
    }
) }}
