select own.org_id
from {{ batch }} as own
left join marts.dim_organization as parent on parent.org_id = own.parent_org_id
where
    own.outlet_id is distinct from case own.org_level when 'outlet' then own.org_id else parent.outlet_id end
    or own.sub_branch_id is distinct from
    case own.org_level when 'sub_branch' then own.org_id else parent.sub_branch_id end
    or own.branch_id is distinct from case own.org_level when 'branch' then own.org_id else parent.branch_id end
    or own.province_branch_id is distinct from
    case own.org_level when 'province_branch' then own.org_id else parent.province_branch_id end
