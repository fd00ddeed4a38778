-- The buyer has paid for the course through another order item too, whose access is active. Where no other purchase is to
-- be seen, it was granted by this batch or at this moment.
to_open as (
    select 'course_already_owned' as kind, f.order_item_id as subject_id, e.order_id, cast('{}' as jsonb) as details
    from further_purchase f
    join entitled e on e.order_item_id = f.order_item_id
    where exists (select from app.enrollments p
                  where p.profile_id = f.profile_id and p.course_id = f.course_id
                    and p.order_item_id <> f.order_item_id and p.state = 'active')
       or not exists (select from app.enrollments p
                      where p.profile_id = f.profile_id and p.course_id = f.course_id and p.purchase_number is not null)
)
