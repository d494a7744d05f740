-- What was loaded, and which release readers see. One row of `shown` decides it: an update of that row is the flip, and
-- every statement sees the release of its own snapshot, whole.
create schema fenceng;

create table fenceng.batch (
    batch integer generated always as identity primary key,
    shape text not null,
    table_name text not null,
    file_name text not null,
    sha256 text not null,
    rows bigint,
    partition_schema text not null,
    partition_name text generated always as (left(table_name, 50) || '_' || batch::text) stored,
    loaded_at timestamptz not null default now(),
    unique (shape, table_name, sha256)
);

create table fenceng.release (
    release_id text primary key,
    shape text not null,
    business_date date not null,
    newest_business_date date not null,
    policy_version text not null,
    published_at timestamptz not null,
    shown_at timestamptz not null default now()
);

create table fenceng.release_batch (
    release_id text not null references fenceng.release (release_id) on delete cascade,
    batch integer not null references fenceng.batch (batch),
    primary key (release_id, batch)
);

create table fenceng.shown (
    one boolean primary key default true check (one),
    release_id text not null references fenceng.release (release_id)
);

create view fenceng.shown_batch with (security_barrier = true) as
select release_batch.batch
from fenceng.release_batch as release_batch
inner join fenceng.shown as shown on shown.release_id = release_batch.release_id;
