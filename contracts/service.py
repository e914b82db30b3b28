"""The contract of the service: what every door into it calls."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from contracts.cache import CacheCleared, CacheStats
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.circuits import CircuitBreakerInfo
from contracts.comparison import ComparisonRequest, ComparisonResponse
from contracts.config import ConfigView, LLMProviderConfigUpdate
from contracts.embeddings import EmbeddingRequest, EmbeddingResponse
from contracts.errors import LLMProviderError
from contracts.explanation import Explanation
from contracts.key_service import ICallerKeys
from contracts.models import ModelInfo
from contracts.provider_overview import ProviderOverview
from contracts.providers import ProviderHealth, ProviderInfo, ProviderType
from contracts.report_service import IReports
from contracts.reports import HealthReport, MemoryReport, ServiceStatus
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse
from contracts.streams import AnswerStream
from contracts.surfaces import Completion, EmbeddingCompletion, SurfaceRequest, TokenCount


class ILLMProviderService(IReports, ICallerKeys):
    """One service between applications and every language-model vendor.

    Before `start()` and after `stop()` every method raises ServiceNotStartedError, but `start`, `stop`,
    `is_running`, `health_check`, `memory_report` and `get_status`.
    A provider is named by its row's name or its ProviderType.
    """

    @abstractmethod
    async def start(self) -> None:
        """Opens what the service holds. Idempotent. Raises ConfigurationError."""

    @abstractmethod
    async def stop(self) -> None:
        """Closes all of it, in reverse order. Idempotent."""

    @abstractmethod
    def is_running(self) -> bool:
        """Whether `start` was called, and `stop` not since."""

    @abstractmethod
    async def process_request(
        self,
        request: LLMRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> LLMResponse:
        """One whole answer within its deadline. Of `headers` (names in lower case) each vendor gets those it knows.

        Raises InvalidRequestError, CallerForbiddenError (the caller's key may not use what was asked for),
        ProviderNotFoundError, ModelNotFoundError, ContextLengthExceededError, ContentPolicyError,
        RateLimitExceededError, QuotaExceededError, AuthenticationError (a vendor refused our key),
        ProviderProtocolError, InvalidOutputError, ProviderUnavailableError, CircuitOpenError, ProviderDisabledError,
        LLMTimeoutError; each carries the `attempts`.
        """

    @abstractmethod
    async def process_stream(
        self,
        request: LLMRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> AnswerStream:
        """An open answer, returned when its first content is here; until then it raises what process_request does.

        A failure after that is the stream's last event, `error`.
        """

    @abstractmethod
    async def process_batch(
        self,
        requests: Sequence[LLMRequest],
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> list[LLMResponse | LLMProviderError]:
        """Each request's answer or its error, in the order given; urgent ones start first.

        Raises InvalidRequestError when there are none or more than `max_batch_size`.
        """

    @abstractmethod
    async def explain(self, request: LLMRequest, *, caller: Caller = IN_PROCESS_CALLER) -> Explanation:
        """What `process_request` would do with `request` now: who would be tried, and why nobody else.

        Calls nobody, counts nothing. Raises InvalidRequestError and ProviderNotFoundError; a request that would be
        refused for another reason is explained.
        """

    @abstractmethod
    async def embed(
        self,
        request: EmbeddingRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> EmbeddingResponse:
        """A vector for each text of `request`, in its order.

        Vectors of different models cannot be compared: without `fallback_providers` only rows that offer the same model
        stand in for the first. Raises what `process_request` does, but for ContentPolicyError.
        """

    @abstractmethod
    async def complete(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> Completion:
        """One whole answer to what came in at a drop-in surface; all is as for `process_request`.

        A vendor of the caller's own dialect gets the caller's bytes, and `reply.raw` holds its own. Raises what
        `process_request` does; InvalidRequestError names what only a vendor of that dialect could do, where none is
        left.
        """

    @abstractmethod
    async def complete_embeddings(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> EmbeddingCompletion:
        """A vector for each text, or list of tokens, that came in at a drop-in surface; all is as for `embed`.

        Bytes go through as for `complete`: then the vectors stand in `reply.raw` only. Raises what `embed` does;
        InvalidRequestError names what only a vendor of that dialect could make vectors of, where none is left.
        """

    @abstractmethod
    async def complete_stream(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> AnswerStream:
        """The same as an open answer; all is as for `process_stream`.

        While a vendor of the caller's own dialect answers, its events come as `relayed` ones.
        """

    @abstractmethod
    async def count_tokens(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> TokenCount:
        """How many tokens the input of `request` has; nothing is answered, and no vendor bills it.

        The vendor's own count where the row that would be asked has a counter, else an estimate, which says so. Raises
        what choosing a candidate does, and what a vendor says of a request that is wrong.
        """

    @abstractmethod
    async def compare(
        self,
        request: ComparisonRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> ComparisonResponse:
        """Which of two essays is better, by the verdict of a model.

        An answer that is no verdict is mended once, then the next candidate is asked, where there may be one; then
        InvalidOutputError is raised. Raises what `process_request` does.
        """

    @abstractmethod
    async def compare_batch(
        self,
        requests: Sequence[ComparisonRequest],
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> list[ComparisonResponse | LLMProviderError]:
        """Each comparison's verdict or its error, in the order given. Raises as `process_batch`."""

    @abstractmethod
    async def get_models(self, *, caller: Caller = IN_PROCESS_CALLER) -> list[ModelInfo]:
        """Every model that `caller` may name and that a call would be sent for now, each once; nobody is called."""

    @abstractmethod
    async def get_model(self, model: str, *, caller: Caller = IN_PROCESS_CALLER) -> ModelInfo:
        """What a name stands for; a retired one for its successor.

        Raises ModelNotFoundError with the nearest names, and CallerForbiddenError.
        """

    @abstractmethod
    async def get_providers(self, *, caller: Caller = IN_PROCESS_CALLER) -> list[ProviderInfo]:
        """Every provider row that `caller` may use, as it stands now."""

    @abstractmethod
    async def get_provider_overview(self, *, caller: Caller = IN_PROCESS_CALLER) -> ProviderOverview:
        """Every provider row that `caller` may use, who is asked first, and by which strategy one is chosen."""

    @abstractmethod
    async def get_provider_info(
        self, provider: str | ProviderType, *, caller: Caller = IN_PROCESS_CALLER
    ) -> ProviderInfo:
        """One provider row. Raises ProviderNotFoundError, and CallerForbiddenError where `caller` may not use it."""

    @abstractmethod
    async def enable_provider(self, provider: str | ProviderType) -> bool:
        """Switches a provider on in the live configuration; True.

        Raises ProviderNotFoundError and StoreUnavailableError.
        """

    @abstractmethod
    async def disable_provider(self, provider: str | ProviderType) -> bool:
        """Switches a provider off in the live configuration; True.

        Raises ProviderNotFoundError and StoreUnavailableError.
        """

    @abstractmethod
    async def test_provider(self, provider: str | ProviderType, *, deep: bool = False) -> ProviderHealth:
        """Calls the vendor now: its model list, or with `deep` a one-token completion that costs that token.

        A vendor that fails is reported in the answer, not raised. Raises ProviderNotFoundError.
        """

    @abstractmethod
    async def get_provider_health(self, provider: str | ProviderType) -> ProviderHealth:
        """What the last calls showed; nothing is sent. Raises ProviderNotFoundError."""

    @abstractmethod
    async def get_circuit_breakers(self) -> list[CircuitBreakerInfo]:
        """The circuits of every provider row, as they stand in this process."""

    @abstractmethod
    async def reset_circuit_breaker(self, provider: str | ProviderType, model: str | None = None) -> CircuitBreakerInfo:
        """Closes a provider's circuits, or one model's there, and ends their rests; the circuits as they are then.

        Raises ProviderNotFoundError.
        """

    @abstractmethod
    async def get_cache_stats(self) -> CacheStats:
        """The cache of answers as it stands."""

    @abstractmethod
    async def clear_cache(
        self, *, provider: str | ProviderType | None = None, model: str | None = None
    ) -> CacheCleared:
        """Takes every answer out of the cache, or those of a provider, of a model, or of a model there.

        Raises ProviderNotFoundError and StoreUnavailableError.
        """

    @abstractmethod
    async def health_check(self) -> HealthReport:
        """The full health report, as a plain dict. Works before `start`."""

    @abstractmethod
    async def memory_report(self) -> MemoryReport:
        """Memory of this process and its limits. Works before `start`."""

    @abstractmethod
    async def get_status(self) -> ServiceStatus:
        """Whether the service runs, and since when. Works before `start`."""

    @abstractmethod
    async def get_configuration(self) -> ConfigView:
        """The configuration in force with its revision; secrets are masked when it is written as JSON."""

    @abstractmethod
    async def update_configuration(
        self, update: LLMProviderConfigUpdate | Mapping[str, Any], *, expected_revision: int | None = None
    ) -> ConfigView:
        """Applies a JSON merge patch, whole or not at all; calls under way keep the configuration they began with.

        Where there is a database the patch outlives the process, and reaches every other one within a second.

        Raises ConfigurationError (with `errors`), ConfigurationConflictError when `expected_revision` is not the
        current one, and StoreUnavailableError while the patch cannot be stored.
        """
