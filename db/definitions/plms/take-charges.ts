import { sql } from "kysely";

/**
 * Takes a message of receipts in, with everything that they change, in one call; the message comes by columns, of which the
 * first ten have an element for each receipt, and the others are null where no receipt tells them. The run is held first, so
 * that the statements after it see what the message before has left. A stranger among tasks or lanes raises PL001 with its
 * place in the message, and nothing of the message is kept.
 */
export const takeCharges = sql`
create or replace function plms.take_charges(
  message_id text, told_run_id text, told_at timestamptz,
  receipt_ids text[], task_ids bigint[], lane_ids integer[], providers text[], token_counts bigint[],
  durations_ms double precision[], costs_usd numeric[], echo_cosines double precision[], statuses text[],
  instants timestamptz[], models text[], inputs bigint[], outputs bigint[], cache_reads bigint[], cache_writes bigint[],
  reasonings bigint[], prices_usd numeric[], price_versions text[], unpriced_reasons text[],
  slice_ms double precision, tau_ms double precision, overrun double precision,
  out outcome text, out run_id bigint, out project_id bigint, out recorded integer, out conflicting integer,
  out is_to_be_learnt boolean, out told_hints json
) language plpgsql
  -- One plan for messages of any size, by the keys of what they name: tables grow, messages do not.
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off
  set enable_bitmapscan = off set enable_material = off set jit = off
as $$
#variable_conflict use_column
declare
  run plms.project_runs;
  stranger record;
  told_count integer := cardinality(receipt_ids);
  told_ids text[] := receipt_ids;
  told_tasks bigint[] := task_ids;
  told_tokens bigint[] := token_counts;
  told_costs numeric[] := costs_usd;
  started_ms double precision;
  latest_ms double precision;
  burn_ms double precision;
begin
  select * into run from plms.project_runs where executor_run_id = told_run_id for no key update;
  if not found then
    outcome := 'unknown';
    return;
  end if;
  run_id := run.id;
  project_id := run.project_id;
  recorded := 0;
  conflicting := 0;
  is_to_be_learnt := false;
  insert into plms.webhook_inbox (webhook_id, kind) values (message_id, 'receipts') on conflict do nothing;
  if not found then
    outcome := 'repeated';
    return;
  end if;
  outcome := 'taken';

  select place, field into stranger
  from (
    select place, 'task_id' as field
    from (
      select task_id, min(place) as place
      from unnest(task_ids) with ordinality as told (task_id, place) group by task_id
    ) as told
    left join plms.task_estimates as task on task.id = told.task_id and task.project_id = run.project_id
    where task.id is null
    union all
    select place, 'lane_id'
    from (
      select lane_id, min(place) as place
      from unnest(lane_ids) with ordinality as told (lane_id, place) group by lane_id
    ) as told
    left join plms.lanes as lane on lane.id = told.lane_id
    where lane.id is null
  ) as strangers order by place, field desc limit 1;
  if found then
    raise exception using errcode = 'PL001', message = 'a receipt of something that the project does not have',
      detail = json_build_object(
        'place', stranger.place - 1, 'projectId', run.project_id::text, 'field', stranger.field)::text;
  end if;

  -- Nearly always every receipt is new. Where one is not, none is in yet, and those that are new go in by themselves.
  for attempt in 1..2 loop
    begin
      insert into plms.receipts (
        run_id, receipt_id, task_id, lane_id, provider, tokens, duration_ms, cost_usd, echo_cos, status, occurred_at,
        model, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, priced_usd,
        price_version, unpriced_reason)
      select run.id, charge.*
      from unnest(receipt_ids, task_ids, lane_ids, providers, token_counts, durations_ms, costs_usd, echo_cosines, statuses,
        instants, models, inputs, outputs, cache_reads, cache_writes, reasonings, prices_usd, price_versions,
        unpriced_reasons) as charge;
      get diagnostics recorded = row_count;
      exit;
    exception when unique_violation then
      if attempt = 2 then raise; end if;
      select array_agg(receipt_id), array_agg(task_id), array_agg(lane_id), array_agg(provider), array_agg(tokens),
        array_agg(duration_ms), array_agg(cost_usd), array_agg(echo_cos), array_agg(status), array_agg(occurred_at),
        array_agg(model), array_agg(input_tokens), array_agg(output_tokens), array_agg(cache_read_tokens),
        array_agg(cache_write_tokens), array_agg(reasoning_tokens), array_agg(priced_usd), array_agg(price_version),
        array_agg(unpriced_reason)
      into receipt_ids, task_ids, lane_ids, providers, token_counts, durations_ms, costs_usd, echo_cosines, statuses,
        instants, models, inputs, outputs, cache_reads, cache_writes, reasonings, prices_usd, price_versions,
        unpriced_reasons
      from (
        select * from (
          select distinct on (receipt_id) *
          from unnest(receipt_ids, task_ids, lane_ids, providers, token_counts, durations_ms, costs_usd, echo_cosines,
            statuses, instants, models, inputs, outputs, cache_reads, cache_writes, reasonings, prices_usd,
            price_versions, unpriced_reasons) with ordinality as charge (receipt_id, task_id, lane_id, provider, tokens,
            duration_ms, cost_usd, echo_cos, status, occurred_at, model, input_tokens, output_tokens, cache_read_tokens,
            cache_write_tokens, reasoning_tokens, priced_usd, price_version, unpriced_reason, place)
          where not exists (
            select from plms.receipts as known where known.run_id = run.id and known.receipt_id = charge.receipt_id)
          order by receipt_id, place
        ) as fresh order by place
      ) as charge;
    end;
  end loop;
  if recorded < told_count then
    insert into plms.receipt_conflicts as known (
      run_id, receipt_id, kept_task_id, kept_tokens, kept_usd, told_task_id, told_tokens, told_usd)
    select distinct run.id, kept.receipt_id, kept.task_id, kept.tokens, kept.cost_usd,
      charge.task_id, charge.tokens, charge.cost_usd
    from unnest(told_ids, told_tasks, told_tokens, told_costs) as charge (receipt_id, task_id, tokens, cost_usd)
    join plms.receipts as kept on kept.run_id = run.id and kept.receipt_id = charge.receipt_id
    where (kept.task_id, kept.tokens, kept.cost_usd) is distinct from (charge.task_id, charge.tokens, charge.cost_usd)
    on conflict (run_id, receipt_id, told_task_id, told_tokens, told_usd) do update set
      times = known.times + 1, last_told_at = now();
    get diagnostics conflicting = row_count;
  end if;
  if recorded = 0 then return; end if;

  started_ms := date_part('epoch', coalesce(run.started_at, told_at)) * 1000;
  latest_ms := greatest(started_ms, date_part('epoch', told_at) * 1000 - run.paused_ms);
  burn_ms := date_part('epoch', run.burn_at) * 1000;
  with by_task as (
    select task_id, sum(cost_usd) as usd, sum(tokens) as tokens, sum(duration_ms) as duration_ms,
      count(*) as receipts, bool_or(status = 'succeeded') as has_succeeded, bool_or(status = 'failed') as has_failed,
      count(echo_cos)::integer as echo_count, coalesce(sum(echo_cos), 0) as echo_sum, min(echo_cos) as echo_least,
      count(priced_usd) as priced, count(unpriced_reason) as unpriced, coalesce(sum(priced_usd), 0) as priced_usd,
      coalesce(sum(cost_usd) filter (where priced_usd is not null), 0) as priced_charged_usd
    from unnest(task_ids, token_counts, durations_ms, costs_usd, echo_cosines, statuses, prices_usd, unpriced_reasons)
      as charge (task_id, tokens, duration_ms, cost_usd, echo_cos, status, priced_usd, unpriced_reason)
    group by task_id
  ), task as materialized (
    select by_task.*, coalesce(known.usd_spent, 0) + usd as usd_now, coalesce(known.usd_spent, 0) as usd_before,
      known.task_id is null as is_first,
      coalesce(known.has_succeeded, false) as had_succeeded, coalesce(known.has_failed, false) as had_failed,
      estimate.lane_id, estimate.status, estimate.order_index::float8 as place,
      estimate.estimated_tokens, estimate.estimated_duration_ms, estimate.estimated_cost_usd
    from by_task join plms.task_estimates as estimate on estimate.id = by_task.task_id
    left join plms.run_tasks as known on known.run_id = run.id and known.task_id = by_task.task_id
  ), stood as materialized (
    -- A task is completed when any attempt succeeded, and failed when attempts failed and none succeeded.
    select *,
      has_succeeded or had_succeeded as completed, had_succeeded as was_completed,
      (has_failed or had_failed) and not (has_succeeded or had_succeeded) as failed,
      had_failed and not had_succeeded as was_failed,
      case when usd_now > 0 and estimated_cost_usd > 0 then ln(usd_now::float8 / estimated_cost_usd::float8) end as ratio,
      case when usd_before > 0 and estimated_cost_usd > 0
        then ln(usd_before::float8 / estimated_cost_usd::float8) end as ratio_before
    from task
  ), marked as (
    update plms.task_estimates as estimate set status = is_now
    from (
      select task_id, status,
        case when completed then 'completed' when failed then 'failed' else 'blocked' end as is_now
      from stood where run.kind <> 'rehearsal'
    ) as state where state.status <> is_now and estimate.id = state.task_id and estimate.status <> is_now
  ), lanes as (
    insert into plms.run_lanes as known (
      run_id, lane_id, tasks, usd_spent, tokens_spent, duration_ms_spent, estimated_usd, estimated_usd_squared,
      estimated_tokens, estimated_duration_ms, overrun_tasks, ratio_count, ratio_sum, ratio_squares, ratio_cubes,
      order_sum, order_squares, order_ratios, echo_count, echo_sum, echo_least, receipts, priced_receipts,
      unpriced_receipts, priced_usd, priced_charged_usd)
    select run.id, lane_id, count(*) filter (where is_first), sum(usd), sum(tokens), sum(duration_ms),
      coalesce(sum(estimated_cost_usd) filter (where is_first), 0),
      coalesce(sum(estimated_cost_usd::float8 ^ 2) filter (where is_first), 0),
      coalesce(sum(estimated_tokens) filter (where is_first), 0),
      coalesce(sum(estimated_duration_ms) filter (where is_first), 0),
      sum((usd_now > overrun * estimated_cost_usd)::int - (usd_before > overrun * estimated_cost_usd)::int),
      count(ratio) - count(ratio_before),
      coalesce(sum(ratio), 0) - coalesce(sum(ratio_before), 0),
      coalesce(sum(ratio ^ 2), 0) - coalesce(sum(ratio_before ^ 2), 0),
      coalesce(sum(ratio ^ 3), 0) - coalesce(sum(ratio_before ^ 3), 0),
      coalesce(sum(place) filter (where ratio is not null), 0)
        - coalesce(sum(place) filter (where ratio_before is not null), 0),
      coalesce(sum(place ^ 2) filter (where ratio is not null), 0)
        - coalesce(sum(place ^ 2) filter (where ratio_before is not null), 0),
      coalesce(sum(place * ratio), 0) - coalesce(sum(place * ratio_before), 0),
      sum(echo_count), sum(echo_sum), min(echo_least),
      sum(receipts), sum(priced), sum(unpriced), sum(priced_usd), sum(priced_charged_usd)
    from stood group by lane_id
    on conflict (run_id, lane_id) do update set
      tasks = known.tasks + excluded.tasks,
      usd_spent = known.usd_spent + excluded.usd_spent,
      tokens_spent = known.tokens_spent + excluded.tokens_spent,
      duration_ms_spent = known.duration_ms_spent + excluded.duration_ms_spent,
      estimated_usd = known.estimated_usd + excluded.estimated_usd,
      estimated_usd_squared = known.estimated_usd_squared + excluded.estimated_usd_squared,
      estimated_tokens = known.estimated_tokens + excluded.estimated_tokens,
      estimated_duration_ms = known.estimated_duration_ms + excluded.estimated_duration_ms,
      overrun_tasks = known.overrun_tasks + excluded.overrun_tasks,
      ratio_count = known.ratio_count + excluded.ratio_count,
      ratio_sum = known.ratio_sum + excluded.ratio_sum,
      ratio_squares = known.ratio_squares + excluded.ratio_squares,
      ratio_cubes = known.ratio_cubes + excluded.ratio_cubes,
      order_sum = known.order_sum + excluded.order_sum,
      order_squares = known.order_squares + excluded.order_squares,
      order_ratios = known.order_ratios + excluded.order_ratios,
      echo_count = known.echo_count + excluded.echo_count,
      echo_sum = known.echo_sum + excluded.echo_sum,
      echo_least = least(known.echo_least, excluded.echo_least),
      receipts = known.receipts + excluded.receipts,
      priced_receipts = known.priced_receipts + excluded.priced_receipts,
      unpriced_receipts = known.unpriced_receipts + excluded.unpriced_receipts,
      priced_usd = known.priced_usd + excluded.priced_usd,
      priced_charged_usd = known.priced_charged_usd + excluded.priced_charged_usd
  ), kept as (
    insert into plms.run_tasks as known (run_id, task_id, usd_spent, has_succeeded, has_failed)
    select run.id, task_id, usd, has_succeeded, has_failed from stood
    on conflict (run_id, task_id) do update set
      usd_spent = known.usd_spent + excluded.usd_spent,
      has_succeeded = known.has_succeeded or excluded.has_succeeded,
      has_failed = known.has_failed or excluded.has_failed
  ), timed as (
    -- By the clock of the run, which stands still while it is paused; none is before its start or in the future.
    select cost_usd::float8 as usd, greatest(cost_usd, 0)::float8 as usd_charged,
      least(latest_ms, greatest(started_ms, date_part('epoch', occurred_at) * 1000 - run.paused_ms)) as at_ms
    from unnest(costs_usd, instants) as charge (cost_usd, occurred_at)
  ), sliced as materialized (
    -- Within a slice each charge weighs as at its end.
    select floor(at_ms / slice_ms) as slice, sum(usd) as usd, sum(usd_charged) as usd_charged,
      sum(usd_charged ^ 2) as usd_squares, max(at_ms) as latest_ms,
      sum(usd_charged * exp((at_ms - (floor(at_ms / slice_ms) + 1) * slice_ms) / tau_ms)) as usd_at_end
    from timed group by 1
  ), slices as (
    insert into plms.run_burn_slices as known (run_id, slice, usd, usd_charged, usd_squares)
    select run.id, slice, usd, usd_charged, usd_squares from sliced
    on conflict (run_id, slice) do update set
      usd = known.usd + excluded.usd,
      usd_charged = known.usd_charged + excluded.usd_charged,
      usd_squares = known.usd_squares + excluded.usd_squares
  ), newest as (
    select greatest(burn_ms, max(latest_ms)) as at_ms from sliced
  ), aged as (
    select run.burn_usd as usd, (burn_ms - newest.at_ms) / tau_ms as age from newest
    union all
    select usd_at_end, ((slice + 1) * slice_ms - newest.at_ms) / tau_ms from sliced, newest
  ), burnt as (
    -- Each charge loses the weight of its age, so that the order in which charges come makes no difference; nothing is left
    -- of it after 40 times tau, long before its weight is too small for a number.
    select newest.at_ms,
      (select coalesce(sum(usd * exp(age)) filter (where age > -40 and usd > 1e-30), 0) from aged) as usd
    from newest
  ), changed as (
    select sum(completed::int - was_completed::int) as completed, sum(failed::int - was_failed::int) as failed,
      coalesce(sum(estimated_cost_usd) filter (where is_first), 0) as estimated_usd,
      sum(usd) as usd, sum(tokens) as tokens
    from stood
  )
  update plms.project_runs as known set
    tasks_completed = tasks_completed + changed.completed,
    tasks_failed = tasks_failed + changed.failed,
    estimated_usd_done = estimated_usd_done + changed.estimated_usd,
    usd_spent = usd_spent + changed.usd,
    tokens_spent = tokens_spent + changed.tokens,
    receipts_count = receipts_count + recorded,
    burn_usd = burnt.usd,
    burn_at = to_timestamp(burnt.at_ms / 1000),
    version = version + 1
  from changed, burnt where known.id = run.id;

  if run.status in ('completed', 'failed', 'cancelled') then
    update plms.calibrations as known set is_stale = true
    where known.run_id = run.id and outcome = 'included' and not is_stale;
    is_to_be_learnt := found or not exists (select from plms.calibrations as known where known.run_id = run.id);
  end if;
  select json_agg(json_build_object('channel', channel, 'payload', subject, 'stamp', stamp)) into told_hints
  from (
    -- To those who listen to the whole channel, and to those who follow the key (db/notify.ts).
    select channel, subject, stamp, pg_notify(channel, subject || '@' || stamp)
    from (values ('run:' || run.id), ('project:' || run.project_id)) as subjects (subject),
      (select pg_current_xact_id()::text as stamp) as transaction,
      unnest(array['plms_events', 'plms_events.' || substr(md5(subject), 1, 16)]) as channel
  ) as told_of;
end $$`;
