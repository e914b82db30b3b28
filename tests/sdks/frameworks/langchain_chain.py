"""Chains of LangChain over its OpenAI client: streamed text, a tool call and its result, structured output."""

from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


class Advice(BaseModel):
    """What to do."""

    best_city: str
    reasons: list[str]


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: sunny, {20 + len(city)} degrees"


for model in (ChatOpenAI(model="gpt-6-luna"), ChatOpenAI(model="gpt-6-luna", use_responses_api=True)):
    prompt = ChatPromptTemplate.from_messages([("system", "Be {manner}."), ("human", "{question}")])
    chain = prompt | model | StrOutputParser()
    print("|".join(chain.stream({"manner": "brief", "question": "Who wrote Faust?"})))

    messages: list[BaseMessage] = [HumanMessage("How is the weather in Paris and in Rome?")]
    with_tools = model.bind_tools([get_weather])
    called = with_tools.invoke(messages)
    messages.append(called)
    for call in called.tool_calls:
        print("calls", call["name"], call["args"])
        messages.append(get_weather.invoke(call))
    print(with_tools.invoke(messages).text)

    print(repr(model.with_structured_output(Advice).invoke("Where to?")))
    print(repr(model.with_structured_output(Advice, method="function_calling").invoke("Where to?")))
