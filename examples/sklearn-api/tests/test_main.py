from main import predict, Point


def test_predicts_the_near_cluster():
    assert predict(Point(x=0, y=0))["cluster"] == 0
