select member._row
from {{ batch }} as member
where exists (
    select 1
    from landing.campaign as campaign
    where
        campaign.campaign_id = member.campaign_id
        and (
            member.contacted_on < campaign.starts_on
            or member.contacted_on > campaign.ends_on
        )
)
