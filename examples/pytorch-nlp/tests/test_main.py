from main import predict, Text


def test_score():
    assert 0 <= predict(Text(text="good"))["score"] <= 1
