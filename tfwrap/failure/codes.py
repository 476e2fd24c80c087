"""AWS's error codes that are about credentials."""

from __future__ import annotations

# AWS's codes for "these credentials are no good", over all services (AWS "Common errors" pages; botocore models).
CREDENTIAL_CODES = (
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IDPCommunicationError",
    "IDPRejectedClaim",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidIdentityToken",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
)
# Authenticated, but not allowed; or said so by services of their own accord. Where a resource gets one of these,
# Terraform names who may not do what, and nothing is wrong with the credentials.
REFUSAL_CODES = (
    "AccessDenied",
    "AccessDeniedException",
    "ForbiddenException",
    "InvalidGrantException",
    "OptInRequired",
    "RegionDisabledException",
    "UnauthorizedException",
)
# What S3 answers to a HEAD has no body, so the SDK makes the code of the status.
HIDDEN_CODES = ("BadRequest", "Forbidden")
