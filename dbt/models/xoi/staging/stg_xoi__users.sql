-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

{{ frontline_taps.stage(
    source('xoi', 'users'),
    keys=['id'],
    columns={
        'id': 'text',
        'email': 'text',
        'given_name': 'text',
        'family_name': 'text',
        'phone_number': 'text'
    }
) }}
