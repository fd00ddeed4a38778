"""Every table of the schema app as a typed class; importing this package knows them all."""

from db.models.accounts import Locale, Profile, ProfileRole, RateLimit, RefreshToken
from db.models.audit import AuditEvent
from db.models.base import Base, JsonObject
from db.models.courses import Course, Lesson, OfferStatus
from db.models.enrollments import Enrollment, EnrollmentStatus
from db.models.feed import Post
from db.models.idempotency import IdempotencyKey
from db.models.ledger import Job, JobAttempt, JobKind, JobState, Schedule
from db.models.mail import MailMessage, MailStatus
from db.models.orders import Order, OrderItem, OrderStatus
from db.models.payments import (
    Dispute,
    DisputeStatus,
    Payment,
    PaymentProvider,
    PaymentStatus,
    Refund,
    RefundStatus,
    Subscription,
    SubscriptionStatus,
)
from db.models.seminars import Attendance, SeatStatus, Seminar, SeminarSeat, SeminarStatus
from db.models.services import Service
from db.models.webhooks import WebhookAttempt, WebhookEvent, WebhookProvider, WebhookState

__all__ = [
    "Attendance",
    "AuditEvent",
    "Base",
    "Course",
    "Dispute",
    "DisputeStatus",
    "Enrollment",
    "EnrollmentStatus",
    "IdempotencyKey",
    "Job",
    "JobAttempt",
    "JobKind",
    "JobState",
    "JsonObject",
    "Lesson",
    "Locale",
    "MailMessage",
    "MailStatus",
    "OfferStatus",
    "Order",
    "OrderItem",
    "OrderStatus",
    "Payment",
    "PaymentProvider",
    "PaymentStatus",
    "Post",
    "Profile",
    "ProfileRole",
    "RateLimit",
    "RefreshToken",
    "Refund",
    "RefundStatus",
    "Schedule",
    "SeatStatus",
    "Seminar",
    "SeminarSeat",
    "SeminarStatus",
    "Service",
    "Subscription",
    "SubscriptionStatus",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookProvider",
    "WebhookState",
]
