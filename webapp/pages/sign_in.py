"""Name and password -> a session; sign-out ends it."""

from __future__ import annotations

import logging

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from webapp.looks import note_sign_in
from webapp.parts import parts
from webapp.security import SignedIn, limiter, safe_next
from webapp.threads import in_thread
from webapp.users import MAX_PASSWORD_LENGTH

log = logging.getLogger(__name__)
blueprint = Blueprint("sign_in", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Lengths are bounded here, so that nobody makes the hash work on megabytes."""

    name = StringField("Name", validators=[InputRequired("Your name is needed."), Length(max=64)])
    password = PasswordField(
        "Password", validators=[InputRequired("Your password is needed."), Length(max=MAX_PASSWORD_LENGTH)]
    )
    next = HiddenField()


def _who_tries() -> str:
    return f"{get_remote_address()} {request.form.get('name', '')[:64].strip().lower()}"


@blueprint.get("/sign-in")
def form() -> str | Response:
    if current_user.is_authenticated:
        # Signed in meanwhile in another window: what this one was opened for is there.
        return redirect(safe_next(request.args.get("next")) or url_for("board.show"))
    return render_template("sign_in.html", form=SignInForm(data={"next": request.args.get("next", "")}))


@blueprint.post("/sign-in")
@limiter.limit("30/minute")
@limiter.limit("8/minute", key_func=_who_tries)
def sign_in() -> str | Response | tuple[str, int]:
    given = SignInForm()
    if not given.validate_on_submit():
        return render_template("sign_in.html", form=given), 400
    name = (given.name.data or "").strip().lower()
    password = given.password.data or ""
    users = parts().users
    user = in_thread(lambda: users.verify(name=name, password=password))
    note_sign_in(name, taken=user is not None)
    if user is None:
        log.warning("sign-in refused for %r from %s", name, get_remote_address())
        given.password.errors = ["Name and password do not belong together."]
        return render_template("sign_in.html", form=given), 401
    login_user(SignedIn(name, user))
    log.info("%s signed in from %s", name, get_remote_address())
    return redirect(safe_next(given.next.data) or url_for("board.show"))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    logout_user()
    flash("You are signed out.")
    return redirect(url_for("sign_in.form"))
