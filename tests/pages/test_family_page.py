"""Family as Python builds it: what its component is sent, and addresses edited by hand."""

import json

import pytest

from aecore.ui.family import members, stage


@pytest.fixture
def told(at):
    """What the component is told at an address: `told(member="linear")`."""

    def run(**query):
        app = at("family", **query).run()
        assert not app.exception
        assert not app.error
        assert [title.value for title in app.title] == ["What does one idea change?"]
        parts = [part.proto for part in app.main if part.type == "bidi_component"]
        (own,) = [part for part in parts if part.component_name.endswith("_family")]
        return json.loads(own.json)

    return run


def test_the_page_sends_the_family_and_the_two_runs_it_opens_with(told):
    data = told(member="denoising")
    assert [one["name"] for one in data["members"]] == [one.name for one in members.MEMBERS]
    assert list(data["known"]) == ["mnist-dae-50", "mnist-ae-32"]
    assert data["images"] == "10,000"
    assert len(data["sources"]) == 1
    assert data["blocks"][:2] == [run["networks"] for run in data["known"].values()]
    doors = {one["name"]: one["door"] for one in data["members"]}
    assert doors["denoising"] == {"page": "denoise", "title": "Denoise"}


@pytest.mark.parametrize(
    "query",
    [
        {"member": "../../etc", "against": "nobody", "option": "9" * 99},
        {"member": "x" * 5000, "images": "-4", "row": "4", "unit": "1e9"},
        {"member": "sparse", "against": "sparse", "option": "é", "images": "3"},
        {"member": "IWAE", "option": ".05"},
    ],
    ids=["strangers", "numbers", "itself", "nothing shipped"],
)
def test_an_address_edited_by_hand_fails_nowhere(told, query):
    data = told(**query)
    assert data["view"]["fields"] == json.loads(json.dumps(stage.VIEW.spec()))


def test_a_door_leads_to_its_page(at):
    app = at("family").run()
    app.session_state["family"] = {"go": "denoise"}
    app.run()
    assert not app.exception
