-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('flow_enabled', true)) }}

{{ frontline_taps.stage(
    source('flow', 'team_settings'),
    keys=['settingsId'],
    columns={
        'settingsId': 'text',
        'AutoDeviceSignOut': 'json',
        'AutoDownload': 'json',
        'CheckDeviceTime': 'boolean',
        'DefaultTimezone': 'text',
        'DisableJobRestart': 'boolean',
        'DisableOldTemplates': 'boolean',
        'EnableJobNaming': 'boolean',
        'GoBackReason': 'text',
        'PermanentDataEdit': 'boolean',
        'RemoteExpertSolution': 'json',
        'Reports': 'json',
        'RequiresAbandonReason': 'boolean',
        'StoreDBOnExternalStorage': 'boolean',
        'SupportsOnsight': 'boolean',
        'WorkflowApproverMode': 'integer',
        'extra_columns': 'json'
    }
) }}
