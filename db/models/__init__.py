"""Every table of the schema app as a typed class; importing this package registers them all."""

from db.models.accounts import (
    Aal,
    Locale,
    LoginSession,
    OneTimeToken,
    Profile,
    ProfileRole,
    RateLimit,
    RecoveryCode,
    RefreshToken,
    TokenPurpose,
    TotpFactor,
)
from db.models.audit import AuditAnchor, AuditEvent
from db.models.base import Base, JsonObject
from db.models.books import BookEntry, BookEntryKind, ProviderCursor, ProviderCursorName
from db.models.courses import Course, Lesson, LessonCompletion, OfferState
from db.models.enrollments import Enrollment, EnrollmentState, Gift
from db.models.feed import Post
from db.models.findings import Finding, FindingResolution
from db.models.idempotency import IdempotencyKey
from db.models.jobs import Job, JobAttempt, JobKind, JobState, Schedule
from db.models.mail import MailMessage, MailState
from db.models.orders import Order, OrderItem, OrderState
from db.models.payments import (
    Checkout,
    CheckoutUiMode,
    Dispute,
    DisputeState,
    Payment,
    PaymentProvider,
    PaymentState,
    Refund,
    RefundItem,
    RefundRole,
    RefundState,
    Subscription,
    SubscriptionState,
)
from db.models.privacy import Export
from db.models.replays import Replay, ReplayState, ReplayTarget
from db.models.seminars import (
    Attendance,
    HelperRole,
    SeatSource,
    SeatState,
    Seminar,
    SeminarBan,
    SeminarGuest,
    SeminarRole,
    SeminarSeat,
    SeminarState,
)
from db.models.services import Service
from db.models.webhooks import EVENT_SUBJECT, WebhookAttempt, WebhookEvent, WebhookProvider, WebhookState

__all__ = [
    "EVENT_SUBJECT",
    "Aal",
    "Attendance",
    "AuditAnchor",
    "AuditEvent",
    "Base",
    "BookEntry",
    "BookEntryKind",
    "Checkout",
    "CheckoutUiMode",
    "Course",
    "Dispute",
    "DisputeState",
    "Enrollment",
    "EnrollmentState",
    "Export",
    "Finding",
    "FindingResolution",
    "Gift",
    "HelperRole",
    "IdempotencyKey",
    "Job",
    "JobAttempt",
    "JobKind",
    "JobState",
    "JsonObject",
    "Lesson",
    "LessonCompletion",
    "Locale",
    "LoginSession",
    "MailMessage",
    "MailState",
    "OfferState",
    "OneTimeToken",
    "Order",
    "OrderItem",
    "OrderState",
    "Payment",
    "PaymentProvider",
    "PaymentState",
    "Post",
    "Profile",
    "ProfileRole",
    "ProviderCursor",
    "ProviderCursorName",
    "RateLimit",
    "RecoveryCode",
    "RefreshToken",
    "Refund",
    "RefundItem",
    "RefundRole",
    "RefundState",
    "Replay",
    "ReplayState",
    "ReplayTarget",
    "Schedule",
    "SeatSource",
    "SeatState",
    "Seminar",
    "SeminarBan",
    "SeminarGuest",
    "SeminarRole",
    "SeminarSeat",
    "SeminarState",
    "Service",
    "Subscription",
    "SubscriptionState",
    "TokenPurpose",
    "TotpFactor",
    "WebhookAttempt",
    "WebhookEvent",
    "WebhookProvider",
    "WebhookState",
]
