-- One of two purchases of a course gives no access any more.
bought_once as (
    select c.id
    from candidate c
    join app.enrollments own on own.order_item_id = c.subject_id
    where c.kind = 'course_already_owned'
      and (own.state = 'revoked'
           or not exists (select from app.enrollments other
                          where other.profile_id = own.profile_id and other.course_id = own.course_id
                            and other.state = 'active' and other.order_item_id <> own.order_item_id))
)
