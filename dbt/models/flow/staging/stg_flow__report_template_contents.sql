-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'report_template_contents'),
    keys=['reportTemplateId'],
    columns={
        'reportTemplateId': 'text',
        'name': 'text',
        'description': 'text',
        'lastUpdated': 'timestamp',
        'options': 'json',
        'isDefault': 'boolean',
        'isArchived': 'boolean',
        'metadata': 'json',
        'headerContent': 'text',
        'bodyContent': 'text',
        'userId': 'text',
        'extra_columns': 'json'
    }
) }}
