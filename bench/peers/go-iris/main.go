// A small server with net/http: the forest of Tepal's model, walked by hand, and no metrics. PORT and FOREST are its settings.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

// Forest is what forest-file.ts writes: nodes by index, the roots of the trees, and the shares of each leaf.
type Forest struct {
	Labels    []string    `json:"labels"`
	Roots     []int       `json:"roots"`
	Feature   []int       `json:"feature"` // -1 for a leaf
	Threshold []float32   `json:"threshold"`
	Left      []int       `json:"left"`
	Right     []int       `json:"right"`
	Shares    [][]float32 `json:"shares"`
}

// Flower is the body of a request. A missing or unknown field is an error.
type Flower struct {
	SepalLength *float32 `json:"sepal_length"`
	SepalWidth  *float32 `json:"sepal_width"`
	PetalLength *float32 `json:"petal_length"`
	PetalWidth  *float32 `json:"petal_width"`
}

type Prediction struct {
	Prediction    int                `json:"prediction"`
	Label         string             `json:"label"`
	Probabilities map[string]float32 `json:"probabilities"`
}

func (forest *Forest) predict(row *[4]float32) Prediction {
	sums := make([]float32, len(forest.Labels))
	for _, node := range forest.Roots {
		for forest.Feature[node] >= 0 {
			if row[forest.Feature[node]] <= forest.Threshold[node] {
				node = forest.Left[node]
			} else {
				node = forest.Right[node]
			}
		}
		for class, share := range forest.Shares[node] {
			sums[class] += share
		}
	}
	best := 0
	probabilities := make(map[string]float32, len(sums))
	for class, sum := range sums {
		probabilities[forest.Labels[class]] = sum
		if sum > sums[best] {
			best = class
		}
	}
	return Prediction{best, forest.Labels[best], probabilities}
}

func (forest *Forest) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	var flower Flower
	decoder := json.NewDecoder(http.MaxBytesReader(response, request.Body, 1<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&flower); err != nil {
		http.Error(response, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	var row [4]float32
	for i, value := range []*float32{flower.SepalLength, flower.SepalWidth, flower.PetalLength, flower.PetalWidth} {
		if value == nil {
			http.Error(response, "a field is missing", http.StatusUnprocessableEntity)
			return
		}
		row[i] = *value
	}
	body, err := json.Marshal(forest.predict(&row))
	if err != nil {
		http.Error(response, err.Error(), http.StatusInternalServerError)
		return
	}
	response.Header().Set("Content-Type", "application/json")
	response.Write(body)
}

func main() {
	text, err := os.ReadFile(os.Getenv("FOREST"))
	if err != nil {
		log.Fatal(err)
	}
	forest := &Forest{}
	if err := json.Unmarshal(text, forest); err != nil {
		log.Fatal(err)
	}
	http.Handle("POST /predict", forest)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
