"""Tokens that let a client into one conversation, signed with the home's secret."""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeTimedSerializer

VALID_SECONDS = 180 * 24 * 3600


class TokenInvalid(Exception):
    """The token was not signed by this home, was changed, or is too old."""


class ConversationTokens:
    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="salesclerk.conversation")

    def sign(self, conversation_id: str) -> str:
        return self._serializer.dumps({"conversation": conversation_id})

    def conversation_of(self, token: str) -> str:
        """The id of the conversation that a token opens; TokenInvalid for anything we did not sign."""
        try:
            signed = self._serializer.loads(token, max_age=VALID_SECONDS)
        except BadSignature as error:
            raise TokenInvalid("this token is not valid here") from error
        return str(signed["conversation"])
