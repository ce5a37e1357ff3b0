-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'triggers'),
    keys=['triggerId'],
    columns={
        'triggerId': 'text',
        'created': 'timestamp',
        'updated': 'timestamp',
        'name': 'text',
        'description': 'text',
        'templateTags': 'json',
        'objectIds': 'json',
        'templateIds': 'json',
        'triggerType': 'text',
        'triggerOptions': 'json',
        'reportTemplateId': 'text',
        'pdfRequirement': 'text',
        'disabled': 'boolean',
        'archived': 'boolean',
        'extra_columns': 'json'
    }
) }}
