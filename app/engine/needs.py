"""What a conversation needs of a provider and its model that not every one has."""

from __future__ import annotations

from app import catalogue
from app.ports import Provider
from contracts.calls import Source
from contracts.chat import Conversation, FilePart, ImagePart, Message, Role, ToolChoice, ToolResultPart
from contracts.providers import ProviderCapabilities
from contracts.responses import FieldError

_NEEDING_ALL = Conversation(
    messages=(Message(role=Role.USER, content=(ImagePart(url="https://x/y.png"), FilePart(file_id="f"))),),
    tool_choice=ToolChoice(mode="required"),
)


def lack(conversation: Conversation, provider: Provider, model: str) -> str | None:
    """What `model` of the provider, or the provider as a whole, cannot do of what is asked; None when it can do all.

    Tools that the model may leave alone are no need: a provider without them says so in its warnings. Nor is the shape
    of an answer: what a vendor does not enforce, the service checks.
    """
    row, can = provider.capabilities, catalogue.capabilities(provider.type, model)
    whole, named = provider.name, f"{provider.name}/{model}"
    if not (row.vision and can.vision) and _holds(conversation, ImagePart):
        return f"{named if row.vision else whole} takes no images"
    if not can.files and _holds(conversation, FilePart):
        return f"{named} takes no files"
    if conversation.tool_choice is not None and _demands_a_tool(conversation.tool_choice):
        if not (row.tools and can.tools):
            return f"{named if row.tools else whole} calls no tools"
        if not can.forced_tools:
            return f"{named} cannot be made to call a tool"
    return None


def takes_all(provider: Provider, model: str) -> bool:
    """Whether `model` of the provider can do whatever a conversation may need of any."""
    return lack(_NEEDING_ALL, provider, model) is None


def needs_nothing(conversation: Conversation) -> bool:
    """Whether every model can do what is asked."""
    choice = conversation.tool_choice
    if choice is not None and _demands_a_tool(choice):
        return False
    return not (_holds(conversation, ImagePart) or _holds(conversation, FilePart))


def beyond(source: Source | None, provider: Provider) -> tuple[FieldError, ...]:
    """The fields of a caller's body that only a vendor of its dialect understands, which this provider is not."""
    return () if source is None or provider.speaks(source.wire) else source.demands


def shown_capabilities(provider: Provider) -> ProviderCapabilities:
    """What can be asked of the provider with its default model, as far as that one is known."""
    row = provider.capabilities
    if not catalogue.is_known(provider.type, provider.default_model):
        return row
    can = catalogue.capabilities(provider.type, provider.default_model)
    return ProviderCapabilities(
        streaming=row.streaming,
        tools=row.tools and can.tools,
        vision=row.vision and can.vision,
        structured_output=row.structured_output and can.structured_output is not catalogue.StructuredOutput.NONE,
        reasoning=row.reasoning and can.thinking is not catalogue.Thinking.NEVER,
    )


def _demands_a_tool(choice: ToolChoice) -> bool:
    return choice.mode in ("required", "tool")


def _holds(conversation: Conversation, kind: type[ImagePart | FilePart]) -> bool:
    parts = (part for message in conversation.messages for part in message.content)
    return any(
        isinstance(part, kind)
        or (isinstance(part, ToolResultPart) and any(isinstance(inner, kind) for inner in part.content))
        for part in parts
    )
