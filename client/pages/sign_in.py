"""Log in, register, and a forgotten password."""

import flet as ft

from client.api.problems import ApiProblem
from client.context import Context
from client.operations import accounts
from client.parts.actions import Attempts, Weight, action, link
from client.parts.forms import Form, email_field, password_field, text_field
from client.parts.layout import Controls, empty, heading, panel, paragraph, redraw, small, spread
from client.screen import Screen
from client.stores import store_for

_CODE_NEEDED = {"second_factor_required", "invalid_code"}


class _SignInScreen(Screen):
    section = "profile"
    public = True
    narrow = True

    def intro(self, title: str, text: str) -> Controls:
        """What stands above the form."""
        mark = ft.Image("mark.svg", width=52, height=52, exclude_from_semantics=True)
        return [ft.Row([mark]), heading(self.context.say(title)), paragraph(self.context.say(text), soft=True)]


class LoginScreen(_SignInScreen):
    """Email, password, and the code of a second factor when it is asked for."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        say = context.say
        self._code = text_field(say("code"), visible=False, autofill_hints=[ft.AutofillHint.ONE_TIME_CODE])
        self._stay = ft.Checkbox(label=say("stay"), value=context.environment.keeps_secrets)
        self._resend = ft.Row(
            [action(context, say("send_again"), self._send_again, weight=Weight.QUIET)], visible=False
        )
        fields = {"email": email_field(context), "password": password_field(say("password")), "code": self._code}
        hint = [] if context.environment.keeps_secrets else [small(say("stay_hint"))]
        extra: Controls = [ft.Column([self._stay, *hint], spacing=2)]
        self.form = Form(context, fields, say("log_in"), self._log_in, optional=frozenset({"code"}), extra=extra)

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("log_in")

    def build(self) -> Controls:
        """Its controls, from the top."""
        links = spread(
            link(self.context, self.context.say("no_account"), "/register", weight=Weight.QUIET),
            link(self.context, self.context.say("forgot"), "/forgot", weight=Weight.QUIET),
        )
        return [*self.intro("welcome_back", "log_in_text"), panel(self.form.control, self._resend), links]

    async def _log_in(self) -> None:
        context = self.context
        store = store_for(context.environment, stay=bool(self._stay.value))
        try:
            await context.api.sign_in(
                self.form.value("email"), self.form.value("password"), self.form.value("code"), store
            )
        except ApiProblem as problem:
            self._code.visible = self._code.visible or problem.code in _CODE_NEEDED
            self._resend.visible = problem.code == "email_unproven"
            redraw(self._resend)
            raise
        await context.load_me()
        context.go(context.next_path())

    async def _send_again(self) -> None:
        await self.context.api.call(
            accounts.AUTH_RESEND_VERIFICATION, accounts.EmailInput(email=self.form.value("email"))
        )
        self.form.say(self.context.say("sent_again"))


class RegisterScreen(_SignInScreen):
    """A new account; an email then proves its address."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        fields = {
            "display_name": text_field(context.say("display_name"), autofill_hints=[ft.AutofillHint.NAME]),
            "email": email_field(context),
            "password": password_field(context.say("password"), new=True),
        }
        self.form = Form(context, fields, context.say("register"), self._register)
        self._body = ft.Column(spacing=18, horizontal_alignment=ft.CrossAxisAlignment.STRETCH)
        self._attempts = Attempts(context)

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("register")

    def build(self) -> Controls:
        """Its controls, from the top."""
        other = spread(link(self.context, self.context.say("have_account"), "/login", weight=Weight.QUIET))
        self._body.controls = [*self.intro("register", "register_text"), panel(self.form.control), other]
        return [self._body]

    async def _register(self) -> None:
        value = self.form.value
        body = accounts.RegisterInput(
            email=value("email"),
            password=value("password"),
            display_name=value("display_name"),
            locale=self.context.language,
        )
        await self._attempts.call(accounts.AUTH_REGISTER, body)
        self._show_sent(body.email)

    def _show_sent(self, email: str) -> None:
        context = self.context

        async def send_again() -> None:
            await context.api.call(accounts.AUTH_RESEND_VERIFICATION, accounts.EmailInput(email=email))
            context.tell(context.say("sent_again"))

        buttons = spread(
            link(context, context.say("log_in"), "/login"),
            action(context, context.say("send_again"), send_again, weight=Weight.OTHER),
        )
        text = context.say("check_mail_text", email=email)
        self._body.controls = [empty(ft.Icons.MARK_EMAIL_UNREAD_OUTLINED, context.say("check_mail"), text, buttons)]
        redraw(self._body)


class ForgotScreen(_SignInScreen):
    """A link for a new password, by email."""

    parent = "/login"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.form = Form(context, {"email": email_field(context)}, context.say("send_link"), self._send)

    def title(self) -> str:
        """What the page is called."""
        return self.context.say("forgot_title")

    def build(self) -> Controls:
        """Its controls, from the top."""
        return [*self.intro("forgot_title", "forgot_text"), panel(self.form.control)]

    async def _send(self) -> None:
        await self.context.api.call(accounts.AUTH_FORGOT_PASSWORD, accounts.EmailInput(email=self.form.value("email")))
        self.form.say(self.context.say("link_sent"))
