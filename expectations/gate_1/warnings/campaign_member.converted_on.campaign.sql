select member._row
from {{ batch }} as member
where exists (
    select 1
    from landing.campaign as campaign
    where
        campaign.campaign_id = member.campaign_id
        and (
            member.converted_on < campaign.starts_on
            or member.converted_on > {{ add_days('campaign.ends_on', policy.conversion_days) }}
        )
)
