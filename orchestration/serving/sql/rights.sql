-- Whose rows the role that asks may read (docs/semantics.md 14.7). Each of these views returns only
-- what concerns `current_user`, who is the reader also where a policy asks on behalf of the owner of a view. A role without a login can't be an employee: a delivered employee_id
-- must not turn a group role that everybody may take on into a person.
create view {shape}.my_right with (security_barrier = true) as
select access_right.org_id, access_right.scope
from {shape}.rights_of_fct_access_right as access_right
where
    access_right.employee_id = current_user::text
    and access_right.batch = any(array(select shown_batch.batch from fenceng.shown_batch as shown_batch))
    and exists (select from pg_catalog.pg_roles as login where login.rolname = current_user and login.rolcanlogin);

-- A tool that holds the rights itself, such as the board, asks for everybody: it is a member of fenceng_service.
create view {shape}.my_reach with (security_barrier = true) as
select
    count(my_right.scope) > 0 or service.is_member as is_reader,
    coalesce(bool_or(my_right.scope = 'bank'), false) or service.is_member as is_of_bank
from (select pg_catalog.pg_has_role(current_user, 'fenceng_service', 'usage') as is_member) as service
left join {shape}.my_right as my_right on true
group by service.is_member;

create view {shape}.my_organization with (security_barrier = true) as
select my_right.org_id
from {shape}.my_right as my_right
where my_right.scope <> 'customers';

create view {shape}.my_employee with (security_barrier = true) as
select employee.employee_id
from {shape}.rights_of_dim_employee as employee
where
    employee.batch = any(array(select shown_batch.batch from fenceng.shown_batch as shown_batch))
    and (
        employee.org_id in (select my_organization.org_id from {shape}.my_organization as my_organization)
        or employee.employee_id = current_user::text
        and (select my_reach.is_reader from {shape}.my_reach as my_reach)
    );

create view {shape}.my_customer with (security_barrier = true) as
select customer.customer_id
from {shape}.rights_of_dim_customer as customer
where
    customer.batch = any(array(select shown_batch.batch from fenceng.shown_batch as shown_batch))
    and customer.lead_org_id in (select my_organization.org_id from {shape}.my_organization as my_organization)
union all
select own.customer_id
from {shape}.rights_of_fct_access_customer as own
where
    own.batch = any(array(select shown_batch.batch from fenceng.shown_batch as shown_batch))
    and own.employee_id = current_user::text
    and (select my_reach.is_reader from {shape}.my_reach as my_reach);
