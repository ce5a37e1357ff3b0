-- Written by `make generate` from the tap's declarations.
{{ config(enabled=var('xoi_enabled', true)) }}

with jobs as (
{{ frontline_taps.stage(
    source('xoi', 'jobs'),
    keys=['id'],
    columns={
        'id': 'text',
        'assigneeIds': 'json',
        'externalId': 'text',
        'createdAt': 'timestamp',
        'createdBy': 'text',
        'updatedAt': 'timestamp',
        'completedAt': 'timestamp',
        'completedBy': 'text',
        'customerName': 'text',
        'customerEmail': 'text',
        'jobLocation': 'text',
        'workOrderNumber': 'text',
        'label': 'text',
        'tags': 'json',
        'publicTags': 'json',
        'tagSuggestions': 'json',
        'workTypeIds': 'json',
        'externalAppUrl': 'text',
        'internalNote': 'json',
        'internalNotificationContacts': 'json',
        'integrationEntityId': 'json',
        'deepLinks': 'json'
    }
) }}
)

select
    jobs.*,
    deleted_jobs.deleted_at
from jobs
left join {{ ref('stg_xoi__deleted_jobs') }} as deleted_jobs on deleted_jobs.job_id = jobs.id
