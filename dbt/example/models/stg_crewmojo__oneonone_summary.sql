{{ config(materialized='view') }}

{{ frontline_taps.stage_report(
    source('crewmojo', 'oneonone_summary'),
    keys=['start_date', 'employeeCode'],
    columns={
        'employeeCode': 'text',
        'emailAddress': 'text',
        'managerEmailAddress': 'text',
        'completedDate': 'date',
        'oneOnOneCount': 'integer'
    }
) }}
